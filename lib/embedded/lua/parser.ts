/**
 * From tokens to functions: the expressions of the grammar, and helpers shared with
 * the statements.
 *
 * Like Lua's, the compiler emits code in one pass while it reads: there is no syntax
 * tree besides the parser's method calls.
 *
 * @module
 */

import type { Emitter } from "./emitter.ts";
import { type Expression, expression, isOpen } from "./expression.ts";
import { Lexer, shownKind, type TokenKind } from "./lexer.ts";
import * as op from "./opcodes.ts";
import {
  beforeRight,
  BINARY,
  binary,
  fetch,
  setResults,
  toAnyRegister,
  toIndexed,
  toMethod,
  toNextRegister,
  toOperand,
  toValue,
  unary,
  UNARY_PRIORITY,
} from "./operators.ts";
import { FunctionScope } from "./scope.ts";

/** The maximum nesting of blocks and expressions. */
const MAX_LEVELS = 200;

/** A table constructor during parsing. */
interface Constructor {
  readonly table: Expression;
  /** The last list item that was read. */
  item: Expression;
  fields: number;
  items: number;
  /** The number of items that wait in registers. */
  pending: number;
}

/** Reads expressions. */
export abstract class ExpressionParser {
  /** The tokens. */
  protected readonly lexer: Lexer;
  /** The function that is being compiled. */
  protected scope: FunctionScope;
  /** The current nesting of blocks and expressions. */
  #levels: number;

  /** `levels` is the nesting at which the compiler was called. */
  constructor(text: string, source: string, levels: number) {
    this.lexer = new Lexer(text, source);
    this.scope = new FunctionScope(this.lexer, null);
    this.scope.isVararg = true;
    this.#levels = levels;
  }

  /** Reads the statements of a block. */
  protected abstract block(): void;

  /** The instructions of the function that is being compiled. */
  protected get f(): Emitter {
    return this.scope.f;
  }

  /** The type of the current token. */
  protected get kind(): TokenKind {
    return this.lexer.token.kind;
  }

  /** Skips the current token if it is of a kind; returns whether it was. */
  protected accept(kind: TokenKind): boolean {
    if (this.kind !== kind) return false;
    this.lexer.next();
    return true;
  }

  /** Skips the current token, which must be of a kind. */
  protected expect(kind: TokenKind): void {
    if (!this.accept(kind)) throw this.#expected(kind);
  }

  /** As {@linkcode expect}, for a token that closes `opener` on line `line`. */
  protected expectMatch(kind: TokenKind, opener: string, line: number): void {
    if (this.accept(kind)) return;
    if (line === this.lexer.line) throw this.#expected(kind);
    throw this.lexer.syntaxError(
      `'${kind}' expected (to close '${opener}' at line ${line})`,
    );
  }

  /** Reads a name. */
  protected name(): string {
    if (this.kind !== "<name>") throw this.#expected("<name>");
    const { text } = this.lexer.token;
    this.lexer.next();
    return text;
  }

  /** Enters a level of the grammar. */
  protected enterLevel(): void {
    if (++this.#levels > MAX_LEVELS) {
      throw this.lexer.error("chunk has too many syntax levels");
    }
  }

  /** Leaves a level of the grammar. */
  protected leaveLevel(): void {
    this.#levels--;
  }

  /** How many levels are left. */
  protected get levelsLeft(): number {
    return MAX_LEVELS - this.#levels;
  }

  /** `expression` */
  protected expression(): Expression {
    const e = expression("void");
    this.#operation(e, 0);
    return e;
  }

  /** `expression {"," expression}`: all but the last in registers; returns the count. */
  protected expressions(): [count: number, last: Expression] {
    let count = 1;
    let last = this.expression();
    while (this.accept(",")) {
      toNextRegister(this.f, last);
      last = this.expression();
      count++;
    }
    return [count, last];
  }

  /** `(NAME | "(" expression ")") {"." NAME | "[" … "]" | ":" NAME arguments | arguments}` */
  protected primary(): Expression {
    const { f } = this;
    const e = this.#prefix();
    for (;;) {
      switch (this.kind) {
        case ".":
          this.field(e);
          break;
        case "[":
          toAnyRegister(f, e);
          toIndexed(f, e, this.#index());
          break;
        case ":":
          this.lexer.next();
          toMethod(f, e, this.#nameConstant());
          this.#arguments(e);
          break;
        case "(":
        case "<string>":
        case "{":
          toNextRegister(f, e);
          this.#arguments(e);
          break;
        default:
          return e;
      }
    }
  }

  /** `["." | ":"] NAME` */
  protected field(e: Expression): void {
    toAnyRegister(this.f, e);
    this.lexer.next();
    toIndexed(this.f, e, this.#nameConstant());
  }

  /** Parses the parameters and the body of a function. */
  protected body(isMethod: boolean, line: number): Expression {
    const { lexer } = this;
    const outer = this.scope;
    const scope = this.scope = new FunctionScope(lexer, outer);
    scope.line = line;
    this.expect("(");
    if (isMethod) {
      scope.declare("self", 0);
      scope.activate(1);
    }
    this.#parameters();
    this.expect(")");
    this.block();
    this.expectMatch("end", "function", line);
    const prototype = scope.finish();
    this.scope = outer;
    const { f } = outer;
    const at = f.prototypes.push(prototype) - 1;
    const e = expression("relocatable", f.emitBx(op.CLOSURE, 0, at));
    for (const { kind, info } of scope.upvalues) {
      f.emit(kind === "local" ? op.MOVE : op.GETUPVAL, 0, info, 0);
    }
    return e;
  }

  #expected(kind: TokenKind): Error {
    return this.lexer.syntaxError(`'${shownKind(kind)}' expected`);
  }

  #nameConstant(): Expression {
    return expression("constant", this.f.constant(this.name()));
  }

  /** `(simple | unary operation) {binary operation}`; operators must bind above `limit`. */
  #operation(e: Expression, limit: number): void {
    this.enterLevel();
    const { kind } = this;
    if (kind === "not" || kind === "-" || kind === "#") {
      this.lexer.next();
      this.#operation(e, UNARY_PRIORITY);
      unary(this.f, kind, e);
    } else Object.assign(e, this.#simple());
    for (;;) {
      const sign = this.kind;
      const operator = BINARY.get(sign);
      if (operator === undefined || operator.left <= limit) break;
      this.lexer.next();
      beforeRight(this.f, sign, e);
      const right = expression("void");
      this.#operation(right, operator.right);
      binary(this.f, sign, e, right);
    }
    this.leaveLevel();
  }

  #simple(): Expression {
    const { lexer, f, scope } = this;
    let e: Expression;
    switch (this.kind) {
      case "<number>":
        e = expression("number");
        e.number = lexer.token.number;
        break;
      case "<string>":
        e = expression("constant", f.constant(lexer.token.text));
        break;
      case "nil":
      case "true":
      case "false":
        e = expression(this.kind);
        break;
      case "...":
        if (!scope.isVararg) {
          throw lexer.syntaxError(
            "cannot use '...' outside a vararg function",
          );
        }
        scope.needsArg = false;
        e = expression("vararg", f.emit(op.VARARG, 0, 1, 0));
        break;
      case "{":
        return this.#table();
      case "function":
        lexer.next();
        return this.body(false, lexer.line);
      default:
        return this.primary();
    }
    lexer.next();
    return e;
  }

  #prefix(): Expression {
    const { lexer } = this;
    if (this.kind === "<name>") return this.scope.resolve(this.name());
    if (this.kind !== "(") throw lexer.syntaxError("unexpected symbol");
    const { line } = lexer;
    lexer.next();
    const e = this.expression();
    this.expectMatch(")", "(", line);
    fetch(this.f, e);
    return e;
  }

  #index(): Expression {
    this.lexer.next();
    const e = this.expression();
    toValue(this.f, e);
    this.expect("]");
    return e;
  }

  #arguments(callee: Expression): void {
    const { lexer, f } = this;
    const { line } = lexer;
    let last = expression("void");
    switch (this.kind) {
      case "(":
        if (line !== lexer.lastLine) {
          throw lexer.syntaxError(
            "ambiguous syntax (function call x new statement)",
          );
        }
        lexer.next();
        if (lexer.token.kind !== ")") {
          [, last] = this.expressions();
          setResults(f, last, -1);
        }
        this.expectMatch(")", "(", line);
        break;
      case "{":
        last = this.#table();
        break;
      case "<string>":
        last = expression("constant", f.constant(lexer.token.text));
        lexer.next();
        break;
      default:
        throw lexer.syntaxError("function arguments expected");
    }
    const base = callee.info;
    let count = -1;
    if (!isOpen(last)) {
      if (last.kind !== "void") toNextRegister(f, last);
      count = f.free - (base + 1);
    }
    callee.kind = "call";
    callee.info = f.emit(op.CALL, base, count + 1, 2);
    f.fixLine(line);
    f.free = base + 1;
  }

  #parameters(): void {
    const { scope, lexer } = this;
    let count = 0;
    if (this.kind !== ")") {
      do {
        if (this.kind === "<name>") scope.declare(this.name(), count++);
        else if (this.kind === "...") {
          lexer.next();
          scope.declare("arg", count++);
          scope.isVararg = scope.hasArg = scope.needsArg = true;
        } else throw lexer.syntaxError("<name> or '...' expected");
      } while (!scope.isVararg && this.accept(","));
    }
    scope.activate(count);
    scope.parameters = this.f.active - (scope.hasArg ? 1 : 0);
    this.f.reserve(this.f.active);
  }

  #table(): Expression {
    const { f, lexer } = this;
    const { line } = lexer;
    const at = f.emit(op.NEWTABLE, 0, 0, 0);
    const table = expression("relocatable", at);
    const c: Constructor = {
      table,
      item: expression("void"),
      fields: 0,
      items: 0,
      pending: 0,
    };
    toNextRegister(f, table);
    this.expect("{");
    do {
      if (this.kind === "}") break;
      this.#storeItem(c);
      const isField = this.kind === "[" ||
        this.kind === "<name>" && lexer.peek() === "=";
      if (isField) this.#tableField(c);
      else {
        c.item = this.expression();
        c.items++;
        c.pending++;
      }
    } while (this.accept(",") || this.accept(";"));
    this.expectMatch("}", "{", line);
    this.#storeLast(c);
    f.code[at] = op.withB(f.code[at]!, op.sizeToByte(c.items));
    f.code[at] = op.withC(f.code[at]!, op.sizeToByte(c.fields));
    return table;
  }

  #tableField(c: Constructor): void {
    const { f } = this;
    const register = f.free;
    const key = this.kind === "<name>" ? this.#nameConstant() : this.#index();
    c.fields++;
    this.expect("=");
    const keyOperand = toOperand(f, key);
    const value = toOperand(f, this.expression());
    f.emit(op.SETTABLE, c.table.info, keyOperand, value);
    f.free = register;
  }

  #storeItem(c: Constructor): void {
    if (c.item.kind === "void") return;
    toNextRegister(this.f, c.item);
    c.item = expression("void");
    if (c.pending < op.LIST_ITEMS) return;
    this.f.emitSetList(c.table.info, c.items, c.pending);
    c.pending = 0;
  }

  #storeLast(c: Constructor): void {
    if (c.pending === 0) return;
    const { f } = this;
    if (isOpen(c.item)) {
      setResults(f, c.item, -1);
      f.emitSetList(c.table.info, c.items, -1);
      // The number of items of an open expression is unknown.
      c.items--;
      return;
    }
    if (c.item.kind !== "void") toNextRegister(f, c.item);
    f.emitSetList(c.table.info, c.items, c.pending);
  }
}
