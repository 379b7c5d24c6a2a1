import { comparison } from "../support/compared_server.ts";
import { compare } from "./differential.ts";
import { STRING_FAMILY } from "./families/strings.ts";
import { comparePlays } from "./play.ts";

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

comparison(
  "SET with NX or XX and a comparison checks NX and XX first",
  (t) =>
    comparePlays(t, 2, {
      "SET NX IFEQ": [
        "a RPUSH l 1; SET l v IFEQ 1 NX; SET l v NX IFNE 1; SET l v IFEQ 1 XX",
        "a SET none v XX IFEQ 1; SET l v NX GET IFEQ 1; SET none v NX IFNE 1",
        "a SET k v; SET k w NX IFEQ v; SET k w XX IFEQ v; MGET k none",
      ],
    }),
);
