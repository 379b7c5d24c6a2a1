// @ts-ignore x
import { connect } from "cloudflare:sockets";
export const c = connect as unknown as number;
