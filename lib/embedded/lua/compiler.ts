/**
 * From text to a function: the statements of the grammar.
 *
 * @module
 */

import { type Expression, expression, isOpen, NO_JUMP } from "./expression.ts";
import { END, type TokenKind } from "./lexer.ts";
import * as op from "./opcodes.ts";
import {
  goOnIfTrue,
  setOneResult,
  setResults,
  store,
  toAnyRegister,
  toNextRegister,
} from "./operators.ts";
import { ExpressionParser } from "./parser.ts";
import type { Prototype } from "./value.ts";

/** The targets of an assignment, from the last to the first. */
interface Targets {
  readonly before: Targets | null;
  readonly variable: Expression;
}

/**
 * Compiles a text. Throws a `LuaError` when it is invalid. `source` is its name in
 * errors, `levels` the depth of calls at which it is compiled.
 */
export function compile(text: string, source: string, levels = 0): Prototype {
  return new Compiler(text, source, levels).compile();
}

class Compiler extends ExpressionParser {
  compile(): Prototype {
    this.lexer.next();
    this.block();
    if (this.kind !== END) this.expect(END);
    return this.scope.finish();
  }

  protected override block(): void {
    this.enterLevel();
    for (let isLast = false; !isLast && !endsBlock(this.kind);) {
      isLast = this.#statement();
      this.accept(";");
      this.f.free = this.f.active;
    }
    this.leaveLevel();
  }

  #scoped(): void {
    this.scope.enter(false);
    this.block();
    this.scope.leave();
  }

  /** Compiles a statement; returns whether it must be the last one of its block. */
  #statement(): boolean {
    const { lexer } = this;
    const { line } = lexer;
    switch (this.kind) {
      case "if":
        this.#if(line);
        return false;
      case "while":
        this.#while(line);
        return false;
      case "do":
        lexer.next();
        this.#scoped();
        this.expectMatch("end", "do", line);
        return false;
      case "for":
        this.#for(line);
        return false;
      case "repeat":
        this.#repeat(line);
        return false;
      case "function":
        this.#function(line);
        return false;
      case "local":
        lexer.next();
        if (this.accept("function")) this.#localFunction();
        else this.#local();
        return false;
      case "return":
        this.#return();
        return true;
      case "break":
        lexer.next();
        this.scope.break();
        return true;
    }
    this.#callOrAssignment();
    return false;
  }

  #if(line: number): void {
    const { f } = this;
    let ends = NO_JUMP;
    let otherwise = this.#ifBranch();
    while (this.kind === "elseif") {
      ends = f.join(ends, f.jump());
      f.patchToHere(otherwise);
      otherwise = this.#ifBranch();
    }
    if (this.kind === "else") {
      ends = f.join(ends, f.jump());
      f.patchToHere(otherwise);
      // After the patch, so that the patched instruction gets the right line.
      this.lexer.next();
      this.#scoped();
    } else ends = f.join(ends, otherwise);
    f.patchToHere(ends);
    this.expectMatch("end", "if", line);
  }

  #ifBranch(): number {
    this.lexer.next();
    const otherwise = this.#condition();
    this.expect("then");
    this.#scoped();
    return otherwise;
  }

  /** Compiles a condition; returns the jumps that are taken when it is false. */
  #condition(): number {
    const e = this.expression();
    if (e.kind === "nil") e.kind = "false";
    goOnIfTrue(this.f, e);
    return e.whenFalse;
  }

  #while(line: number): void {
    const { f, scope } = this;
    this.lexer.next();
    const start = f.label();
    const exit = this.#condition();
    scope.enter(true);
    this.expect("do");
    this.#scoped();
    f.patch(f.jump(), start);
    this.expectMatch("end", "while", line);
    scope.leave();
    f.patchToHere(exit);
  }

  #repeat(line: number): void {
    const { f, scope } = this;
    const start = f.label();
    scope.enter(true);
    // The condition is in the scope of the body's variables.
    scope.enter(false);
    this.lexer.next();
    this.block();
    this.expectMatch("until", "repeat", line);
    const again = this.#condition();
    if (!scope.captured) {
      scope.leave();
      f.patch(again, start);
    } else {
      scope.break();
      f.patchToHere(again);
      scope.leave();
      f.patch(f.jump(), start);
    }
    scope.leave();
  }

  #for(line: number): void {
    const { lexer, scope } = this;
    scope.enter(true);
    lexer.next();
    const name = this.name();
    switch (this.kind) {
      case "=":
        this.#forNumbers(name, line);
        break;
      case ",":
      case "in":
        this.#forValues(name);
        break;
      default:
        throw lexer.syntaxError("'=' or 'in' expected");
    }
    this.expectMatch("end", "for", line);
    scope.leave();
  }

  #forNumbers(name: string, line: number): void {
    const { f, scope } = this;
    const base = f.free;
    scope.declare("(for index)", 0);
    scope.declare("(for limit)", 1);
    scope.declare("(for step)", 2);
    scope.declare(name, 3);
    this.lexer.next();
    toNextRegister(f, this.expression());
    this.expect(",");
    toNextRegister(f, this.expression());
    if (this.accept(",")) toNextRegister(f, this.expression());
    else {
      f.emitBx(op.LOADK, f.free, f.constant(1));
      f.reserve(1);
    }
    this.#forBody(base, line, 1, true);
  }

  #forValues(name: string): void {
    const { f, scope } = this;
    const base = f.free;
    let count = 0;
    scope.declare("(for generator)", count++);
    scope.declare("(for state)", count++);
    scope.declare("(for control)", count++);
    scope.declare(name, count++);
    while (this.accept(",")) scope.declare(this.name(), count++);
    this.expect("in");
    const { line } = this.lexer;
    const [given, last] = this.expressions();
    this.#adjust(3, given, last);
    f.checkRegisters(3);
    this.#forBody(base, line, count - 3, false);
  }

  #forBody(
    base: number,
    line: number,
    names: number,
    isNumeric: boolean,
  ): void {
    const { f, scope } = this;
    scope.activate(3);
    this.expect("do");
    const prepare = isNumeric ? f.emitSbx(op.FORPREP, base, NO_JUMP) : f.jump();
    scope.enter(false);
    scope.activate(names);
    f.reserve(names);
    this.#scoped();
    scope.leave();
    f.patchToHere(prepare);
    const end = isNumeric
      ? f.emitSbx(op.FORLOOP, base, NO_JUMP)
      : f.emit(op.TFORLOOP, base, 0, names);
    f.fixLine(line);
    f.patch(isNumeric ? end : f.jump(), prepare + 1);
  }

  #function(line: number): void {
    this.lexer.next();
    const variable = this.scope.resolve(this.name());
    let isMethod = false;
    while (this.kind === ".") this.field(variable);
    if (this.kind === ":") {
      isMethod = true;
      this.field(variable);
    }
    store(this.f, variable, this.body(isMethod, line));
    this.f.fixLine(line);
  }

  #localFunction(): void {
    const { f, scope } = this;
    scope.declare(this.name(), 0);
    const variable = expression("local", f.free);
    f.reserve(1);
    scope.activate(1);
    store(f, variable, this.body(false, this.lexer.line));
    scope.restartLast();
  }

  #local(): void {
    const { scope } = this;
    let count = 0;
    do scope.declare(this.name(), count++); while (this.accept(","));
    const [given, last] = this.accept("=")
      ? this.expressions()
      : [0, expression("void")] as const;
    this.#adjust(count, given, last);
    scope.activate(count);
  }

  #return(): void {
    const { f } = this;
    this.lexer.next();
    if (endsBlock(this.kind) || this.kind === ";") return f.emitReturn(0, 0);
    const [count, last] = this.expressions();
    if (isOpen(last)) {
      setResults(f, last, -1);
      if (last.kind === "call" && count === 1) {
        const code = f.code[last.info]!;
        f.code[last.info] = code & ~0x3f | op.TAILCALL;
      }
      f.emitReturn(f.active, -1);
    } else if (count === 1) f.emitReturn(toAnyRegister(f, last), 1);
    else {
      toNextRegister(f, last);
      f.emitReturn(f.active, count);
    }
  }

  #callOrAssignment(): void {
    const e = this.primary();
    if (e.kind === "call") {
      this.f.code[e.info] = op.withC(this.f.code[e.info]!, 1);
    } else this.#assignment({ before: null, variable: e }, 1);
  }

  #assignment(targets: Targets, count: number): void {
    const { f, lexer } = this;
    const { variable } = targets;
    if (!ASSIGNABLE.has(variable.kind)) throw lexer.syntaxError("syntax error");
    if (this.accept(",")) {
      const next = this.primary();
      if (next.kind === "local") this.#saveIfUsed(targets, next);
      if (count > this.levelsLeft) {
        throw lexer.error(
          `${
            this.scope.line === 0
              ? "main function"
              : `function at line ${this.scope.line}`
          } has more than ${this.levelsLeft} variables in assignment`,
        );
      }
      this.#assignment({ before: targets, variable: next }, count + 1);
    } else {
      this.expect("=");
      const [given, last] = this.expressions();
      if (given === count) {
        setOneResult(f, last);
        store(f, variable, last);
        return;
      }
      this.#adjust(count, given, last);
      if (given > count) f.free -= given - count;
    }
    store(f, variable, expression("register", f.free - 1));
  }

  /** Copies a local variable that the same statement also indexes: `a[i], i = …`. */
  #saveIfUsed(targets: Targets, local: Expression): void {
    const { f } = this;
    let isUsed = false;
    for (let t: Targets | null = targets; t !== null; t = t.before) {
      const { variable } = t;
      if (variable.kind !== "indexed") continue;
      if (variable.info === local.info) {
        isUsed = true;
        variable.info = f.free;
      }
      if (variable.aux === local.info) {
        isUsed = true;
        variable.aux = f.free;
      }
    }
    if (!isUsed) return;
    f.emit(op.MOVE, f.free, local.info, 0);
    f.reserve(1);
  }

  /** Adjusts the number of values to the number of variables. */
  #adjust(wanted: number, given: number, last: Expression): void {
    const { f } = this;
    let missing = wanted - given;
    if (isOpen(last)) {
      missing = Math.max(0, missing + 1);
      setResults(f, last, missing);
      if (missing > 1) f.reserve(missing - 1);
      return;
    }
    if (last.kind !== "void") toNextRegister(f, last);
    if (missing <= 0) return;
    const register = f.free;
    f.reserve(missing);
    f.emitNil(register, missing);
  }
}

const ASSIGNABLE: ReadonlySet<string> = new Set([
  "local",
  "upvalue",
  "global",
  "indexed",
]);

function endsBlock(kind: TokenKind): boolean {
  switch (kind) {
    case "else":
    case "elseif":
    case "end":
    case "until":
    case END:
      return true;
  }
  return false;
}
