export async function f(): Promise<unknown> { return (await import("./s.ts")).c; }
console.log("loaded");
