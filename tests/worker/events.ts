/**
 * Reads streams of server-sent events, as lines and as a browser does.
 *
 * @module
 */

/** Reads a stream of events. */
export class EventReader implements AsyncDisposable {
  /** The response with the stream. */
  readonly response: Response;
  /** The text received so far. */
  text = "";
  readonly #controller: AbortController;
  readonly #reader: ReadableStreamDefaultReader<string> | undefined;
  /** Received text that was not read as a line or an event yet. */
  #rest = "";

  private constructor(response: Response, controller: AbortController) {
    this.response = response;
    this.#controller = controller;
    this.#reader = response.body?.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** Requests a stream with a token. */
  static async open(url: string, token: string): Promise<EventReader> {
    const controller = new AbortController();
    const response = await fetch(url, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: "text/event-stream",
      },
      signal: controller.signal,
    });
    return new EventReader(response, controller);
  }

  /** The next line of any kind; rejects at the end. */
  async line(): Promise<string> {
    return (await this.#take("\n")).slice(0, -1);
  }

  /** The data of the next event, as a browser would deliver it; rejects at the end. */
  async event(): Promise<string> {
    for (;;) {
      const block = await this.#take("\n\n");
      const data = block.split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).replace(/^ /, ""));
      if (data.length > 0) return data.join("\n");
    }
  }

  /** Resolves when the stream ends without an error. */
  async end(): Promise<void> {
    while (await this.#more());
  }

  /** Cancels the stream. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader?.cancel().catch(() => {});
    this.#controller.abort();
  }

  /** The text up to and including `mark`. */
  async #take(mark: string): Promise<string> {
    for (let from = 0;;) {
      const at = this.#rest.indexOf(mark, from);
      if (at >= 0) {
        const taken = this.#rest.slice(0, at + mark.length);
        this.#rest = this.#rest.slice(at + mark.length);
        return taken;
      }
      from = Math.max(0, this.#rest.length - mark.length);
      if (!await this.#more()) throw new Error("The stream has ended");
    }
  }

  async #more(): Promise<boolean> {
    const { done, value = "" } = await this.#reader!.read();
    this.text += value;
    this.#rest += value;
    return !done;
  }
}

/** Waits until something holds; throws when it does not within a minute, or `ms`. */
export async function eventually(
  holds: () => Promise<boolean>,
  ms = 60_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error("It never held");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
