import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { BLOCKING_LIST_FAMILY, LIST_FAMILY } from "./families/lists.ts";

for (const family of [LIST_FAMILY, BLOCKING_LIST_FAMILY]) {
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
