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
