/**
 * Users, passwords and permissions.
 */

import { comparison } from "../support/compared_server.ts";
import { comparePlays } from "./play.ts";

const SCRIPTS: Record<string, string[]> = {
  "a user has the permissions of its rules": [
    "a ACL SETUSER bob on >pw +get +set +mget +publish +psubscribe +subscribe +punsubscribe +multi +exec +select|1 ~a* %R~r* %W~w* &c*",
    "b AUTH bob pw; ACL WHOAMI",
    "b GET a; GET b; SET r x; GET r; SET w x; GET w; SET w x GET; MGET a b; MGET r b",
    "b PUBLISH c x; PUBLISH d x; PSUBSCRIBE c*; SUBSCRIBE d; DEL a; SELECT 1; SELECT 2; PUNSUBSCRIBE",
    "b AUTH default x",
    "a ACL DELUSER bob",
  ],
  "EXEC is refused if a permission was removed meanwhile": [
    "a ACL SETUSER eve on nopass ~* &* +@all",
    "b AUTH eve any; MULTI; SET k v; GET k",
    "a ACL SETUSER eve -set",
    "b EXEC; MULTI; SET k v; EXEC",
    "b AUTH default x",
    "a ACL DELUSER eve",
  ],
  "categories, subcommands and selectors": [
    "a ACL SETUSER cat on nopass ~* +@read -@hash +config|get (+set ~s*) (+hget ~h*)",
    "b AUTH cat x; GET k; HGET k f; HGET h f; SET k v; SET s v; CONFIG GET port2; CONFIG SET a b; DEL s",
    "a ACL SETUSER cat clearselectors resetkeys +@all -@dangerous",
    "b GET k; PING; FLUSHALL; KEYS *",
    "b AUTH default x",
    "a ACL DELUSER cat",
  ],
  "a disabled user, and a wrong password": [
    "a ACL SETUSER x off >pw",
    "b AUTH x pw",
    "a ACL SETUSER x on <pw >other",
    "b AUTH x pw; AUTH x other; ACL WHOAMI; AUTH default y; ACL WHOAMI",
    "b AUTH default x",
    "a ACL DELUSER x",
  ],
  "requirepass": [
    "a CONFIG SET requirepass s3cret; CONFIG GET requirepass; ACL GETUSER default",
    "a GET k; AUTH s3cret; AUTH default s3cret",
    "a RESET; GET k; HELLO 2; PING; QUITT; AUTH s3cret; CONFIG SET requirepass ''",
    "a GET k",
  ],
  "DRYRUN reports denials": [
    "a ACL SETUSER dry +get +config|get ~a &c +publish",
    "a ACL DRYRUN dry get a; ACL DRYRUN dry get b; ACL DRYRUN dry set a b; ACL DRYRUN dry publish d x; ACL DRYRUN dry config get x; ACL DRYRUN dry config set x y",
    "a ACL DELUSER dry nobody",
  ],
  "a subscriber that loses the permission is disconnected": [
    "a ACL SETUSER ear on nopass +@all ~* &c",
    "b AUTH ear x; SUBSCRIBE c",
    "a ACL SETUSER ear resetchannels &d",
    "a PUBLISH c 1",
    "b !",
    "a ACL DELUSER ear",
  ],
};

for (const protocol of [2, 3] as const) {
  comparison(
    `users and their rules, RESP${protocol}`,
    (t) => comparePlays(t, protocol, SCRIPTS),
  );
}
