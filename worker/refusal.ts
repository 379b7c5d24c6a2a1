/**
 * What every step throws to answer a request with a status and a reason.
 *
 * @module
 */

/** A request that gets an error for its answer. Its message is shown to the client. */
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

/** For a request that means nothing here. */
export function badRequest(reason: string): Refusal {
  return new Refusal(400, `ERR ${reason}`);
}

/** For a setting that cannot be used; what has a secret in it comes without its value. */
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

/** For a secret that is missing. */
export function missingSetting(name: string): Refusal {
  return new Refusal(
    500,
    `ERR the gateway has no ${name}: set it, on Cloudflare with \`npx wrangler secret put ${name}\``,
  );
}
