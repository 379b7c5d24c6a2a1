import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { STRING_FAMILY } from "./families/strings.ts";

for (const protocol of [2, 3] as const) {
  comparison(
    `commands on strings answer as Redis does, RESP${protocol}`,
    () =>
      compare(STRING_FAMILY, {
        seed: 1000 * protocol,
        sequences: 40,
        commands: 100,
        protocol,
      }),
  );
}
