/**
 * The error of every step: a status and a reason for the client.
 *
 * @module
 */

/** Answers the request with an error, whose message the client sees. */
export class Refusal extends Error {
  /** The name of the error's class. */
  override readonly name: string = "Refusal";
  /** The status of the response. */
  readonly status: number;
  /** Headers of the response besides those that all have. */
  readonly headers: Record<string, string>;

  /** Makes the refusal; the message must hold nothing secret. */
  constructor(
    status: number,
    message: string,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The error for a malformed request. */
export function badRequest(reason: string): Refusal {
  return new Refusal(400, `ERR ${reason}`);
}

/** The error for a wrong setting. Leave `value` out when it may be secret. */
export function badSetting(
  name: string,
  rule: string,
  value?: unknown,
): Refusal {
  const shown = value === undefined
    ? ""
    : `: current value is ${JSON.stringify(value)}`;
  return new Refusal(500, `ERR cannot use ${name} as ${rule}${shown}`);
}

/** The error for a missing setting. */
export function missingSetting(name: string): Refusal {
  return new Refusal(
    500,
    `ERR the gateway has no ${name}: set it, on Cloudflare with \`npx wrangler secret put ${name}\``,
  );
}
