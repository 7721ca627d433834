/**
 * Lets GDB debug a machine through rp2040js' GDB server: `target remote :PORT`.
 *
 * The core halts when a debugger connects and goes on when the last one has left. Halted means
 * that emulated time stands still; single steps advance it by what they take.
 */
import { createServer, type Socket } from "node:net";
import { GDBConnection, GDBServer, type RP2040 } from "rp2040js";
import type { EmulatedChip } from "./bus.ts";

interface Debuggee {
  readonly mcu: RP2040;
  debuggerHalted: boolean;
}

/** rp2040js' server without the two ways to end a session: D (detach) and k (kill, taken for it). */
class Server extends GDBServer {
  onDetach: () => void = () => {};

  override processGDBMessage(command: string): string | undefined {
    if (command !== "D" && command !== "k") return super.processGDBMessage(command);
    this.onDetach();
    return "$OK#9a";
  }
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export function serveDebugger(machine: Debuggee, chip: EmulatedChip, port: number): () => void {
  const target = {
    rp2040: machine.mcu,
    get executing() {
      return !machine.debuggerHalted;
    },
    execute() {
      machine.debuggerHalted = false;
    },
    stop() {
      machine.debuggerHalted = true;
      chip.cpu.requestStop();
    },
  };
  const server = new Server(target);
  server.logger = SILENT;
  const sockets = new Set<Socket>();

  const attach = () => {
    chip.debuggerAttached = true;
    chip.cpu.onBreakpoint = (code) => chip.onBreak(code);
    target.stop();
  };
  const detach = () => {
    chip.debuggerAttached = false;
    chip.cpu.onBreakpoint = null;
    target.execute();
  };

  server.onDetach = detach;

  const listener = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    attach();
    const connection = new GDBConnection(server, (data) => socket.write(data, "latin1"));
    socket.on("data", (data) => connection.feedData(data.toString("latin1")));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      server.removeConnection(connection);
      sockets.delete(socket);
      if (sockets.size === 0) detach();
    });
  });
  listener.on("error", (error) => chip.log.warn("GDB", `cannot listen on port ${port}: ${error.message}`));
  // Only this machine: the protocol has no notion of who is asking.
  listener.listen(port, "127.0.0.1");

  return () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
    detach();
  };
}
