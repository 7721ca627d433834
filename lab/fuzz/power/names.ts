/** The name of a value of one of the vocabulary's enumerations, for messages. */
export function nameOf(enumeration: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(enumeration).find((name) => enumeration[name] === value) ?? `${value}`;
}
