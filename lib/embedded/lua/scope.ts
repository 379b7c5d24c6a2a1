/**
 * Resolves names: local variables, upvalues, or global variables.
 *
 * @module
 */

import { Emitter } from "./emitter.ts";
import { type Expression, expression, NO_JUMP } from "./expression.ts";
import type { Lexer } from "./lexer.ts";
import * as op from "./opcodes.ts";
import type { LocalVariable, Prototype } from "./value.ts";

const MAX_LOCALS = 200;
const MAX_UPVALUES = 60;

/** A block. Its variables end with it. */
interface Block {
  readonly outer: Block | null;
  /** The number of active variables when it began. */
  readonly active: number;
  /** Whether `break` leaves it. */
  readonly isLoop: boolean;
  /** Whether a closure captures one of its variables. */
  captured: boolean;
  /** The jumps of `break`. */
  breaks: number;
}

/** The blocks and variables of a function during compilation. */
export class FunctionScope {
  /** Its instructions. */
  readonly f: Emitter;
  /** The enclosing function. */
  readonly outer: FunctionScope | null;
  /** The line where it begins. */
  line = 0;
  /** The number of parameters. */
  parameters = 0;
  /** Whether it is variadic (`...`). */
  isVararg = false;
  /** Whether it has the implicit variable `arg` of Lua 5.0. */
  hasArg = false;
  /** Whether `arg` must be filled: the body does not use `...`. */
  needsArg = false;
  /** Its upvalues: locals or upvalues of the enclosing function. */
  readonly upvalues: {
    name: string;
    kind: "local" | "upvalue";
    info: number;
  }[] = [];
  #block: Block | null = null;
  /** The declared variables; the first `f.active` are in scope. */
  #variables: LocalVariable[] = [];

  /** Begins a function. */
  constructor(lexer: Lexer, outer: FunctionScope | null) {
    this.f = new Emitter(lexer);
    this.outer = outer;
  }

  /** Begins a block. */
  enter(isLoop: boolean): void {
    this.#block = {
      outer: this.#block,
      active: this.f.active,
      isLoop,
      captured: false,
      breaks: NO_JUMP,
    };
  }

  /** Ends a block. */
  leave(): void {
    const block = this.#block!;
    this.#block = block.outer;
    this.#end(block.active);
    if (block.captured) this.f.emit(op.CLOSE, block.active, 0, 0);
    this.f.free = this.f.active;
    this.f.patchToHere(block.breaks);
  }

  /** Whether a closure captures a variable of the current block. */
  get captured(): boolean {
    return this.#block!.captured;
  }

  /** Compiles `break`: jumps out of the innermost loop. */
  break(): void {
    let captured = false;
    let block = this.#block;
    for (; block !== null && !block.isLoop; block = block.outer) {
      captured ||= block.captured;
    }
    if (block === null) throw this.f.lexer.syntaxError("no loop to break");
    if (captured) this.f.emit(op.CLOSE, block.active, 0, 0);
    block.breaks = this.f.join(block.breaks, this.f.jump());
  }

  /** Declares a local variable, `offset` registers after the active ones. */
  declare(name: string, offset: number): void {
    const { f } = this;
    this.#limit(f.active + offset + 1, MAX_LOCALS, "local variables");
    const variable = { name, start: 0, end: 0 };
    f.locals.push(variable);
    this.#variables[f.active + offset] = variable;
  }

  /** Brings declared variables into scope. */
  activate(count: number): void {
    const { f } = this;
    for (let i = 0; i < count; i++) {
      this.#variables[f.active++]!.start = f.at;
    }
  }

  /** Begins the debug information of the last variable here. */
  restartLast(): void {
    this.#variables[this.f.active - 1]!.start = this.f.at;
  }

  /** Resolves a name to an expression. */
  resolve(name: string): Expression {
    const found = this.#resolve(name, true);
    if (found.kind === "global") found.info = this.f.constant(name);
    return found;
  }

  /** Ends the function. */
  finish(): Prototype {
    const { f } = this;
    this.#end(0);
    f.emitReturn(0, 0);
    return {
      source: f.lexer.source,
      code: Int32Array.from(f.code),
      lines: Int32Array.from(f.lines),
      constants: f.constants,
      prototypes: f.prototypes,
      upvalues: this.upvalues.map(({ name }) => name),
      locals: f.locals,
      parameters: this.parameters,
      isVararg: this.isVararg,
      needsArg: this.needsArg,
      hasArg: this.hasArg,
      registers: f.registers,
      line: this.line,
    };
  }

  #resolve(name: string, isOwn: boolean): Expression {
    for (let i = this.f.active - 1; i >= 0; i--) {
      if (this.#variables[i]!.name !== name) continue;
      if (!isOwn) this.#capture(i);
      return expression("local", i);
    }
    if (this.outer === null) return expression("global");
    const found = this.outer.#resolve(name, false);
    if (found.kind === "global") return found;
    return expression("upvalue", this.#upvalue(name, found));
  }

  #capture(register: number): void {
    let block = this.#block;
    while (block !== null && block.active > register) block = block.outer;
    if (block !== null) block.captured = true;
  }

  #upvalue(name: string, { kind, info }: Expression): number {
    const known = this.upvalues.findIndex((upvalue) =>
      upvalue.kind === kind && upvalue.info === info
    );
    if (known >= 0) return known;
    this.#limit(this.upvalues.length + 1, MAX_UPVALUES, "upvalues");
    return this.upvalues.push({
      name,
      kind: kind as "local" | "upvalue",
      info,
    }) - 1;
  }

  #end(active: number): void {
    const { f } = this;
    while (f.active > active) this.#variables[--f.active]!.end = f.at;
  }

  #limit(count: number, most: number, what: string): void {
    if (count <= most) return;
    const where = this.line === 0
      ? "main function"
      : `function at line ${this.line}`;
    throw this.f.lexer.error(`${where} has more than ${most} ${what}`);
  }
}
