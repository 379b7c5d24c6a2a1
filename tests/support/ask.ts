/**
 * Sends a command to a server without the client under test.
 *
 * @module
 */

/** How long anything may take on a busy machine, in ms. */
export const WITHIN = 60_000;

/** Sends one command over a new connection and returns the start of the raw reply. */
export async function ask(
  hostname: string,
  port: number,
  args: string[],
): Promise<string> {
  using connection = await Deno.connect({ hostname, port });
  const timer = setTimeout(() => connection.close(), WITHIN);
  try {
    const encoder = new TextEncoder();
    const words = args.map((arg) =>
      `$${encoder.encode(arg).length}\r\n${arg}\r\n`
    );
    await connection.write(
      encoder.encode(`*${args.length}\r\n${words.join("")}`),
    );
    const buffer = new Uint8Array(64 * 1024);
    const count = await connection.read(buffer) ?? 0;
    return new TextDecoder().decode(buffer.subarray(0, count));
  } finally {
    clearTimeout(timer);
  }
}
