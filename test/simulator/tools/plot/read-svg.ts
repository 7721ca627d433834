/** Reads an SVG as strictly as an XML parser, as far as plots need it, and follows its paths. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text directly inside, entities resolved. */
  text: string;
}

const TOKEN = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };

function resolved(text: string): string {
  return text.replace(/&([^;]*;?)/g, (whole, name: string) => {
    const character = ENTITIES[name.slice(0, -1)];
    if (!name.endsWith(";") || character === undefined) throw new Error(`"${whole}" is no entity`);
    return character;
  });
}

/** Every element in its order. Throws an Error where the text is not well-formed. */
export function readSvg(svg: string): Element[] {
  const bad = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.exec(svg);
  if (bad) throw new Error(`character ${bad[0].charCodeAt(0)} at ${bad.index}`);
  const elements: Element[] = [];
  const open: Element[] = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < svg.length; ) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(svg);
    if (!token) throw new Error(`not well-formed at "${svg.slice(at, at + 40)}"`);
    const [, closing, name = "", attributes = "", empty, text] = token;
    if (text !== undefined) {
      const inside = open.at(-1);
      if (inside) inside.text += resolved(text);
      else if (text.trim() !== "") throw new Error(`text outside: "${text}"`);
    } else if (closing) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
    } else {
      const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map((pair) => [
        pair[1],
        resolved(pair[2] as string),
      ]);
      const element: Element = { name, attributes: Object.fromEntries(pairs), text: "" };
      elements.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`${open.at(-1)?.name} is not closed`);
  return elements;
}

/** The corners of a path of M, l, h and z. */
export function followPath(path: string): [x: number, y: number][] {
  const corners: [number, number][] = [];
  let [x, y] = [0, 0];
  for (const [, command, numbers = ""] of path.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const values = (numbers.match(/-?[\d.]+/g) ?? []).map(Number);
    if (command === "M") [x, y] = values as [number, number];
    else if (command === "l") [x, y] = [x + (values[0] as number), y + (values[1] as number)];
    else if (command === "h") x += values[0] as number;
    else if (command !== "z") throw new Error(`path command ${command}`);
    corners.push([x, y]);
  }
  return corners;
}
