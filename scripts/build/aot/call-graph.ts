/**
 * Which functions call which, and which of them may recurse. Only those can exhaust the stack: the depth of
 * all others is known when the image is built.
 */
import { importedFunctions, instructionsOf, type WasmModule } from "../wasm/module.ts";

/** Function types with equal parameters and results are the same type (core specification 3.3.3 of MVP). */
export function sameType(module: WasmModule, one: number, other: number): boolean {
  return JSON.stringify(module.types[one]) === JSON.stringify(module.types[other]);
}

/**
 * Returns, for each defined function, the defined functions it may call. Indices do not count the imports.
 */
export function callGraph(module: WasmModule): number[][] {
  const imported = importedFunctions(module).length;
  const inTable = new Set(
    module.elements.flatMap(({ contents }) => contents).filter((index) => index >= imported),
  );
  return module.functions.map((body) => {
    const callees = new Set<number>();
    for (const { operation, index } of instructionsOf(module, body)) {
      if (operation.name === "call" && index >= imported) callees.add(index - imported);
      if (operation.name !== "call_indirect") continue;
      for (const callee of inTable) {
        const type = module.functions[callee - imported]?.type ?? -1;
        if (sameType(module, type, index)) callees.add(callee - imported);
      }
    }
    return [...callees];
  });
}

/** Returns the functions on a cycle of the graph: strongly connected components by Tarjan's algorithm. */
export function recursiveFunctions(graph: readonly (readonly number[])[]): Set<number> {
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const recursive = new Set<number>();

  // This does not recurse itself, because the module decides how deep the graph is.
  const visit = (root: number) => {
    const work: { node: number; next: number }[] = [{ node: root, next: 0 }];
    while (work.length > 0) {
      const top = work[work.length - 1] as { node: number; next: number };
      const { node } = top;
      if (top.next === 0 && !order.has(node)) {
        order.set(node, order.size);
        low.set(node, order.get(node) as number);
        stack.push(node);
      }
      const callee = (graph[node] ?? [])[top.next++];
      if (callee === undefined) {
        work.pop();
        const caller = work.at(-1)?.node;
        if (caller !== undefined)
          low.set(caller, Math.min(low.get(caller) as number, low.get(node) as number));
        if (low.get(node) === order.get(node)) {
          const component = stack.splice(stack.indexOf(node));
          if (component.length > 1 || graph[node]?.includes(node))
            for (const one of component) recursive.add(one);
        }
      } else if (!order.has(callee)) {
        work.push({ node: callee, next: 0 });
      } else if (stack.includes(callee)) {
        low.set(node, Math.min(low.get(node) as number, order.get(callee) as number));
      }
    }
  };
  for (let node = 0; node < graph.length; node++) if (!order.has(node)) visit(node);
  return recursive;
}
