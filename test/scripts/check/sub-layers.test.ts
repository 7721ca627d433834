/** The order inside assembly/: imports of lower folders are allowed, others refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ASSEMBLY_ORDER, subLayerFindings } from "../../../scripts/check/sub-layers.ts";
import { tree } from "./tree.ts";

function messages(path: string, target: string): string[] {
  const steps = "../".repeat(path.split("/").length - 1);
  const files = tree({ [path]: `import { x } from "${steps}${target}";\n`, [target]: "" });
  return subLayerFindings(files).map(({ message }) => message);
}

for (const lower of ["power", "protection", "sensors", "events", "settings", "storage", "secrets"]) {
  for (const upper of ["console", "smbus", "usb"]) {
    test(`${lower} may not import ${upper}`, () => {
      const path = `assembly/${lower}/a.ts`;
      const [message, ...others] = messages(path, `assembly/${upper}/b.ts`);
      assert.deepEqual(others, []);
      assert.ok(message?.startsWith(`${path} imports assembly/${upper}/b.ts: ${lower} may import `), message);
    });
  }
}

test("every sub-layer may import those below, no other, and itself", () => {
  const path = (name: string) => (name.endsWith(".ts") ? `assembly/${name}` : `assembly/${name}/a.ts`);
  for (const [level, group] of ASSEMBLY_ORDER.entries()) {
    for (const name of group) {
      for (const [other, others] of ASSEMBLY_ORDER.entries()) {
        for (const target of others) {
          const isAllowed = other < level || name === target;
          assert.equal(messages(path(name), path(target)).length, isAllowed ? 0 : 1, `${name} to ${target}`);
        }
      }
    }
  }
});

test("a folder that the order does not have is refused", () => {
  const files = tree({ "assembly/updates/a.ts": "" });
  assert.deepEqual(
    subLayerFindings(files).map(({ message }) => message),
    ["assembly/updates/a.ts: updates is in no sub-layer, add it to scripts/check/sub-layers.ts"],
  );
});

test("other folders of the project have no sub-layers", () => {
  assert.deepEqual(messages("test/power/a.ts", "assembly/console/b.ts"), []);
});
