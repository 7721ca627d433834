/** Words that name nothing are found in comments and documents, and nowhere else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commentsOf } from "../../../scripts/check/comments.ts";
import { WORDS, wordFindings } from "../../../scripts/check/words.ts";
import { tree } from "./tree.ts";

const found = (files: Readonly<Record<string, string>>) =>
  wordFindings(tree(files)).flatMap(({ message }) => message.split("\n").map((line) => line.split(",")[0]));

test("comments of every language are read", () => {
  const files = {
    "a.ts": "/** Nobody is\n * told so. */\nconst a = 1; // believed\n",
    "b.c": 'char *a = "//"; /* mended */\n',
    "c.S": "// anew\n",
    "d.ld": "/* whoever */\n",
    "e.mjs": "// Chosen.\n",
  };
  assert.deepEqual(found(files), [
    'a.ts:1: "Nobody"',
    'a.ts:2: "told"',
    'a.ts:3: "believed"',
    'b.c:1: "mended"',
    'c.S:1: "anew"',
    'd.ld:1: "whoever"',
    'e.mjs:1: "Chosen."',
  ]);
});

test("documents are read, their code is not", () => {
  const text = "Somebody `nobody` says\n\n```sh\nnpm run nobody # told\n```\n\nit is told.\n";
  assert.deepEqual(found({ "docs/a.md": text }), ['docs/a.md:1: "Somebody"', 'docs/a.md:7: "told"']);
});

test("code, test titles and texts may use any word", () => {
  const files = {
    "a.ts": `test("nobody is told", () => mend(nobody));\nconst a = \`// told \${"// told"} // told\`;\n`,
    "b.ts": "const a = /[/\"'] told // nobody/;\nconst told = a / b; const c = a / b;\n",
    "assembly/generated/c.ts": "// nobody\n",
    "d.log": "nobody\n",
  };
  assert.deepEqual(found(files), []);
});

test("a word inside another, and telling apart, are no findings", () => {
  assert.deepEqual(
    found({ "a.ts": "// recommended, amended; two of them cannot be told apart; a chosen one\n" }),
    [],
  );
});

test("a file has one finding, whose figure counts its words", () => {
  const [finding, ...others] = wordFindings(tree({ "a.ts": "// nobody told somebody\n" }));
  assert.equal(finding?.figure, 3);
  assert.deepEqual(others, []);
});

test("every word has a better one", () => {
  for (const [pattern, better] of WORDS) assert.ok(better.length > 0, String(pattern));
});

test("comments are found behind strings, templates, patterns and divisions, on their own lines", () => {
  const source = [
    "const a = 'it\\'s'; // one",
    `const b = \`x \${c ? \`y \${"}"} // no\` : {}} // no\`; // two`,
    "const d = e / f; // three / 4",
    "const g = h.match(/\\/\\/ no [/`] /g); // four",
    "/* five",
    "   six */ const i = 1;",
  ].join("\n");
  const comments = commentsOf(source).split("\n");
  assert.deepEqual(
    comments.map((line) => line.trim()),
    ["// one", "// two", "// three / 4", "// four", "/* five", "six */"],
  );
});
