// Regular expressions that the phone and the server read alike: crates/expr/src/pattern.rs step by step.
// Refuses what the two engines treat differently or what could run for ever, and spells the rest out.

const MAX_COUNT = 1000;
const SYNTAX = "^$\\.*+?()[]{}|/";
const CLASS_SYNTAX = "^]\\-[";
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

class Refused extends Error {}

type Last = "nothing" | "atom" | "group" | "endless" | "repeat";

class Reader {
  out = "";
  readonly groups: boolean[] = [false];
  private last: Last = "nothing";
  private at = 0;
  private readonly chars: string[];

  constructor(pattern: string) {
    this.chars = [...pattern];
  }

  read(): string {
    for (let c = this.chars[this.at++]; c !== undefined; c = this.chars[this.at++]) this.step(c);
    if (this.groups.length !== 1) throw new Refused();
    return this.out;
  }

  private next(): string {
    const c = this.chars[this.at++];
    if (c === undefined) throw new Refused();
    return c;
  }

  private take(c: string): boolean {
    if (this.chars[this.at] !== c) return false;
    this.at += 1;
    return true;
  }

  private expect(c: string): void {
    if (!this.take(c)) throw new Refused();
  }

  private put(text: string, last: Last): void {
    this.out += text;
    this.last = last;
  }

  private step(c: string): void {
    if (c === "^" || c === "$" || c === "|") this.put(c, "nothing");
    else if (c === ".") this.put("[^\\n]", "atom");
    else if (c === "(") {
      if (this.take("?")) this.expect(":");
      this.groups.push(false);
      this.put("(?:", "nothing");
    } else if (c === ")") this.close();
    else if (c === "*" || c === "+") this.repeat(c, true);
    else if (c === "?" && this.last === "repeat") this.put(c, "nothing");
    else if (c === "?") this.repeat(c, false);
    else if (c === "{") this.count();
    else if (c === "[") this.class();
    else if (c === "\\") {
      const escaped = this.next();
      const short = shorthand(escaped);
      if (short === undefined) this.escaped(escaped, SYNTAX);
      else this.out += escaped === escaped.toLowerCase() ? `[${short}]` : `[^${short}]`;
      this.last = "atom";
    } else if (c === "]" || c === "}") throw new Refused();
    else this.put(literal(c, SYNTAX), "atom");
  }

  private close(): void {
    const endless = this.groups.pop();
    if (endless === undefined || this.groups.length === 0) throw new Refused();
    if (endless) this.groups[this.groups.length - 1] = true;
    this.put(")", endless ? "endless" : "group");
  }

  private escaped(c: string, syntax: string): void {
    if (c === "n" || c === "r" || c === "t") this.out += `\\${c}`;
    else if (PUNCTUATION.test(c)) this.out += literal(c, syntax);
    else throw new Refused();
  }

  /** One repetition without end inside of another can take exponential time. */
  private repeat(text: string, endless: boolean): void {
    if (this.last !== "atom" && this.last !== "group") throw new Refused();
    if (endless) this.groups[this.groups.length - 1] = true;
    this.put(text, "repeat");
  }

  private count(): void {
    const least = this.number();
    if (this.take("}")) {
      this.repeat(`{${least}}`, false);
      return;
    }
    this.expect(",");
    if (this.take("}")) {
      this.repeat(`{${least},}`, true);
      return;
    }
    const most = this.number();
    if (most < least) throw new Refused();
    this.expect("}");
    this.repeat(`{${least},${most}}`, false);
  }

  private number(): number {
    let digits = "";
    for (let d = this.chars[this.at]; d !== undefined && d >= "0" && d <= "9"; d = this.chars[this.at]) {
      digits += d;
      this.at += 1;
    }
    const n = Number(digits);
    if (digits === "" || n > MAX_COUNT) throw new Refused();
    return n;
  }

  private class(): void {
    this.out += this.take("^") ? "[^" : "[";
    for (let empty = true; ; empty = false) {
      const c = this.next();
      const peek = this.chars[this.at];
      if (c === "]" && !empty) break;
      if (c === "]") throw new Refused();
      if (c === "[" && peek === ":") throw new Refused();
      if ((c === "&" || c === "~" || c === "-") && peek === c) throw new Refused();
      if (c === "\\") this.inClass(this.next());
      else if (c === "-" && !empty && peek !== "]") this.out += "-";
      else this.out += literal(c, CLASS_SYNTAX);
    }
    this.put("]", "atom");
  }

  private inClass(escaped: string): void {
    const short = shorthand(escaped);
    if (short === undefined) this.escaped(escaped, CLASS_SYNTAX);
    else if (escaped !== escaped.toLowerCase()) throw new Refused();
    else this.out += short;
  }
}

const literal = (c: string, syntax: string): string => (syntax.includes(c) ? `\\${c}` : c);

function shorthand(c: string): string | undefined {
  switch (c.toLowerCase()) {
    case "d":
      return "0-9";
    case "w":
      return "0-9A-Za-z_";
    case "s":
      return " \\t\\n\\r\\f";
    default:
      return undefined;
  }
}

const known = new Map<string, RegExp | null>();

/** The pattern ready to test, or null when it is outside of the subset. */
export function portable(pattern: string): RegExp | null {
  const before = known.get(pattern);
  if (before !== undefined) return before;
  let regex: RegExp | null = null;
  try {
    regex = new RegExp(new Reader(pattern).read(), "u");
  } catch {
    regex = null;
  }
  known.set(pattern, regex);
  return regex;
}
