/**
 * A strict JSON parser for tests in Node, with the shape of the native one: objects without prototype, bigint for integers
 * beyond 2^53-1, duplicate keys refused. Nothing outside of tests may use it.
 */
const deepest = 64;

export function parseJson(text: string): unknown {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > deepest) throw this.#error(`nesting deeper than ${deepest}`);
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  end(): void {
    this.#space();
    if (this.#at !== this.#text.length) throw this.#error('text after the value');
  }

  #object(depth: number): object {
    const object: { [key: string]: unknown } = Object.create(null);
    this.#at++;
    for (let isFirst = true; !this.#take('}'); isFirst = false) {
      if (!isFirst && !this.#take(',')) throw this.#error('expected , or }');
      this.#space();
      const key = this.#string();
      if (Object.hasOwn(object, key)) throw this.#error(`duplicate key ${JSON.stringify(key)}`);
      if (!this.#take(':')) throw this.#error('expected :');
      object[key] = this.value(depth + 1);
    }
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    for (let isFirst = true; !this.#take(']'); isFirst = false) {
      if (!isFirst && !this.#take(',')) throw this.#error('expected , or ]');
      array.push(this.value(depth + 1));
    }
    return array;
  }

  #string(): string {
    const match = this.#match(/"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy, 'expected a string');
    const text: string = JSON.parse(match);
    if (/\p{Cs}/u.test(text)) throw this.#error('half a surrogate pair');
    return text;
  }

  #number(): number | bigint {
    const match = this.#match(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y, 'expected a value');
    const number = Number(match);
    if (/[.eE]/.test(match)) return number;
    return Number.isSafeInteger(number) ? number : BigInt(match);
  }

  #match(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match === undefined) throw this.#error(expected);
    this.#at += match.length;
    return match;
  }

  #take(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#text.charAt(this.#at))) this.#at++;
  }

  #error(what: string): Error {
    return new Error(`${what} at character ${this.#at}`);
  }
}
