import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { INTEGER_SET_FAMILY, SET_FAMILY } from "./families/sets.ts";

for (const family of [SET_FAMILY, INTEGER_SET_FAMILY]) {
  for (const protocol of [2, 3] as const) {
    comparison(
      `${family.name}: every reply is Redis's, RESP${protocol}`,
      () =>
        compare(family, {
          seed: 1000 * protocol,
          sequences: 40,
          commands: 80,
          protocol,
        }),
    );
  }
}
