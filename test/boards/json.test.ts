/**
 * Tests that the JSON parser agrees with JSON.parse, except where it is stricter, and that its positions
 * are right.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonSyntaxError, parseJson } from "../../scripts/boards/json.ts";

const GOOD = [
  "{}",
  "[]",
  ' { "a" : [ 1 , -2.5e3, 0, true, false, null ] , "b" : { "c" : "" } } ',
  String.raw`"quote \" slash \/ \\ \b\f\n\r\t é 😀"`,
  '{ "__proto__": { "polluted": true } }',
];

for (const text of GOOD) {
  test(`reads ${text.trim()} as JSON.parse does`, () => {
    assert.deepEqual(parseJson(text).value, JSON.parse(text));
  });
}

const BAD: readonly (readonly [string, string, number, number])[] = [
  ["", "the file ends where a value is expected", 1, 1],
  ['{\n  "a": 1,\n}', "a comma before the closing brace", 3, 1],
  ["[1, 2,]", "a comma before the closing bracket", 1, 7],
  ['{ "a" 1 }', 'a colon is expected after "a"', 1, 7],
  ['{ "a": 1 "b": 2 }', "a comma or } is expected", 1, 10],
  ["{ a: 1 }", "a key in double quotes is expected", 1, 3],
  ['{\n  "a": x\n}', 'a value is expected, not "x"', 2, 8],
  ['{ "a": "x\ny" }', "a string without its closing quote", 1, 10],
  ['"\\x"', "an unknown escape in a string", 1, 3],
  ['"\\u12g4"', "an unknown escape in a string", 1, 3],
  ["1 2", "something follows the end of the document", 1, 3],
  ["01", "something follows the end of the document", 1, 2],
  ['{ "a": 1,\n  "a": 2 }', 'the key "a" is given twice', 2, 3],
  ["[".repeat(40), "nested more than 32 deep", 1, 34],
];

for (const [text, message, line, column] of BAD) {
  test(`refuses ${JSON.stringify(text.slice(0, 24))}: ${message}`, () => {
    assert.throws(
      () => parseJson(text),
      (error) => {
        assert.ok(error instanceof JsonSyntaxError);
        assert.equal(error.message, message);
        assert.deepEqual(error.position, { line, column });
        return true;
      },
    );
  });
}

test("knows where every key and element starts", () => {
  const { positions } = parseJson('{\n  "rails": [\n    { "name": "5V" }\n  ]\n}');
  assert.deepEqual(positions.get("rails"), { line: 2, column: 3 });
  assert.deepEqual(positions.get("rails[0]"), { line: 3, column: 5 });
  assert.deepEqual(positions.get("rails[0].name"), { line: 3, column: 7 });
});

test("a byte order mark is no error", () => {
  assert.deepEqual(parseJson('\ufeff{ "a": 1 }').value, { a: 1 });
});
