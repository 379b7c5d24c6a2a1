/**
 * A ledger of calls, their outcomes, and violations of the client's guarantees.
 *
 * @module
 */

import {
  ConnectionError,
  ProtocolError,
  ReplyError,
  WatchError,
} from "../../mod.ts";

/**
 * The outcome of a call. `unknown`: it may have been executed. `unsent`: the client
 * reported that it was not.
 */
export type Outcome<T> =
  | { readonly fate: "done"; readonly value: T }
  | { readonly fate: "unknown" | "unsent"; readonly error: unknown };

/** Facts about a call, known before it is made. */
export interface CallFacts {
  /** The time in which it must settle, in ms. */
  within: number;
  /** The command only reads, and goes to the shared connection. */
  reads?: boolean;
  /** The signal that was given to the call. */
  signal?: AbortSignal;
}

/** The tolerance for late settling, in ms: timers and the machine are shared. */
const SLACK = 200;
/**
 * Short, as the time that the process was not running is only known to this
 * precision, in ms.
 */
const HEARTBEAT = 5;

/** Counts every call, and collects violations of the client's guarantees. */
export class Ledger implements Disposable {
  /** The number of calls. */
  made = 0;
  /** The number of calls that have not settled. */
  pending = 0;
  /** The outcomes: fates, and the names of errors. */
  readonly outcomes = new Map<string, number>();
  /** The violations. */
  readonly broken: string[] = [];
  /** Whether the proxy may have corrupted a reply. */
  readonly #corrupted: () => boolean;
  readonly #timer = setInterval(() => this.#beat(), HEARTBEAT);
  #heard = performance.now();
  /**
   * The sum of the delays of all heartbeats: the time that the process was not running.
   */
  #stolen = 0;

  constructor(corrupted: () => boolean) {
    this.#corrupted = corrupted;
    globalThis.addEventListener("unhandledrejection", this.#unhandled);
  }

  /** Records a violation. */
  breach(what: string): void {
    this.broken.push(what);
  }

  /** Makes a call; resolves to its outcome, and checks the guarantees of all calls. */
  async call<T>(
    what: string,
    facts: CallFacts,
    ask: () => Promise<T>,
  ): Promise<Outcome<T>> {
    const due = performance.now() + facts.within + SLACK;
    const stolen = this.#stolenUntilNow();
    this.made++;
    this.pending++;
    let outcome: Outcome<T>;
    try {
      outcome = { fate: "done", value: await ask() };
    } catch (error) {
      outcome = { fate: this.#fateOf(what, facts, error), error };
      this.#count(error instanceof Error ? error.name : String(error));
    }
    this.#count(outcome.fate);
    this.pending--;
    // A deadline that fires late waits as long again, so that replies that have
    // arrived are read first.
    const patience = 2 * (this.#stolenUntilNow() - stolen);
    const late = Math.round(performance.now() - due - patience);
    if (late > 0) {
      const fate = "error" in outcome ? outcome.error : outcome.fate;
      this.breach(`${what} settled ${late + SLACK} ms too late: ${fate}`);
    }
    return outcome;
  }

  /** Checks that a value is as expected, or was corrupted in transit. */
  expect<T>(what: string, outcome: Outcome<T>, wanted: readonly T[]): void {
    if (outcome.fate !== "done") return;
    const got = JSON.stringify(outcome.value);
    if (wanted.some((value) => JSON.stringify(value) === got)) return;
    // A corrupted byte is never valid UTF-8: it is decoded as U+FFFD.
    if (this.#corrupted() && got.includes("\ufffd")) return;
    this.breach(`${what}: ${got} is none of ${JSON.stringify(wanted)}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    globalThis.removeEventListener("unhandledrejection", this.#unhandled);
  }

  #fateOf(
    what: string,
    facts: CallFacts,
    error: unknown,
  ): "unknown" | "unsent" {
    if (facts.signal?.aborted && error === facts.signal.reason) {
      return "unknown";
    }
    if (error instanceof WatchError) return "unsent";
    const unreadable = error instanceof ProtocolError ||
      error instanceof ReplyError && error.message.includes("\ufffd");
    if (unreadable && this.#corrupted()) return "unknown";
    if (!(error instanceof ConnectionError)) {
      this.breach(`${what} rejected: ${Deno.inspect(error)}`);
    } else if (facts.reads && error.maybeExecuted) {
      this.breach(`${what} only reads, but: ${error.message}`);
    } else if (facts.reads && error.name === "ConnectionError") {
      this.breach(`${what} was not asked again: ${error.message}`);
    }
    const maybe = error instanceof ConnectionError && error.maybeExecuted;
    return maybe ? "unknown" : "unsent";
  }

  #count(name: string): void {
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
  }

  #beat(): void {
    this.#stolen = this.#stolenUntilNow();
    this.#heard = performance.now();
  }

  #stolenUntilNow(): number {
    const late = performance.now() - this.#heard - HEARTBEAT;
    return this.#stolen + Math.max(0, late);
  }

  readonly #unhandled = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    this.breach(`unhandled rejection: ${Deno.inspect(event.reason)}`);
  };
}
