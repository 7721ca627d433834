/** Folders of boards for tests: the reference board, and the files that a test writes beside it. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { BOARDS_DIRECTORY, BoardError, loadBoard } from "../../scripts/boards.ts";

/**
 * Makes a folder with slot-hat and these files (text, or content to write as JSON), removed after the test.
 */
export function boardFolder(context: TestContext, files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), "boards-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(join(BOARDS_DIRECTORY, "slot-hat.json"), join(folder, "slot-hat.json"));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    writeFileSync(join(folder, `${name}.json`), text);
  }
  return folder;
}

/** Returns the problems of the board `name` in this folder, without the folder's own path. */
export function problemsOf(name: string, folder: string): string[] {
  try {
    loadBoard(name, folder);
    return [];
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    return error.problems.map((problem) => problem.replaceAll(`${folder}/`, ""));
  }
}

/** The elements of a table among the logic's constants, as they are written. */
export function tableOf(name: string, text: string): string[] {
  const [, elements = ""] =
    new RegExp(`^export const ${name}: StaticArray<\\w+> = \\[(.*)\\];$`, "m").exec(text) ?? [];
  return elements.split(", ");
}

/** What is changed in the reference board, and all the problems that gives, in their order. */
export type BadBoard = readonly [title: string, change: object, ...problems: RegExp[]];

/** Makes one test for each case: "bad" extends the reference board, so that nothing else is wrong with it. */
export function testBadBoards(cases: readonly BadBoard[]): void {
  for (const [title, change, ...expected] of cases) {
    test(title, (context) => {
      const folder = boardFolder(context, {
        bad: { extends: "slot-hat", name: "bad", title: "x", ...change },
      });
      const problems = problemsOf("bad", folder);
      for (const [index, pattern] of expected.entries()) {
        assert.match(problems[index] ?? "nothing", pattern, problems.join("\n"));
      }
      assert.equal(problems.length, expected.length, `and nothing else:\n${problems.join("\n")}`);
      for (const problem of problems) assert.match(problem, /^(bad|slot-hat)\.json:\d+:\d+: /);
    });
  }
}
