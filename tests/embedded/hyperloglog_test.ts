import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { HYPERLOGLOG_FAMILY } from "./families/hyperloglog.ts";

for (const protocol of [2, 3] as const) {
  comparison(
    `hyperloglog answer as in Redis, RESP${protocol}`,
    () =>
      compare(HYPERLOGLOG_FAMILY, {
        seed: 1000 * protocol,
        sequences: 40,
        commands: 100,
        protocol,
      }),
  );
}
