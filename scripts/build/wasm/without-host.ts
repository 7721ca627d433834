/**
 * Instantiates a module without a host: its start function may build objects, but must not call an import.
 */
export function instantiateWithoutHost(bytes: Uint8Array): WebAssembly.Exports {
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  const imports: Record<string, Record<string, () => never>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = () => {
      throw new Error(`it calls ${from}.${name} while it is being instantiated`);
    };
  }
  return new WebAssembly.Instance(module, imports).exports;
}
