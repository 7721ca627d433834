/**
 * Lets GDB debug the emulated chip through rp2040js' GDB server: `target remote :PORT`.
 *
 * Breakpoints are addresses kept beside the code, never instructions written into it: the instruction that
 * GDB would write depends on the ABI it assumes (Debian's takes UDF.W of GNU/Linux), and the firmware reads
 * and checks its own flash.
 *
 * The core halts when a debugger connects and goes on when the last one has left. While it is halted,
 * emulated time stands still; a single step advances it by the cycles of one instruction.
 */
import { createServer, type Socket } from "node:net";
import { GDBConnection, GDBServer, type RP2040 } from "rp2040js";
import type { SystemBus } from "../bus.ts";

interface Debuggee {
  readonly bus: RP2040;
  debuggerHalted: boolean;
}

const OK = "$OK#9a";
const REFUSED = "$E01#a6";
/** Far more than a debugger needs; the limit bounds the memory they take. */
const MOST_BREAKPOINTS = 4096;

/**
 * Adds to rp2040js' server the two ways to end a session, D (detach) and k (kill, which detaches as well),
 * and breakpoints. Software (0) and hardware (1) breakpoints are the same here. Watchpoints (2 to 4) get
 * the empty answer, after which GDB single-steps for them.
 */
class Server extends GDBServer {
  onDetach: () => void = () => {};
  private readonly breakpoints: Set<number>;

  constructor(target: ConstructorParameters<typeof GDBServer>[0], breakpoints: Set<number>) {
    super(target);
    this.breakpoints = breakpoints;
  }

  override processGDBMessage(command: string): string | undefined {
    if (command === "D" || command === "k") {
      this.onDetach();
      return OK;
    }
    const breakpoint = /^([Zz])[01],([0-9a-f]{1,8}),/i.exec(command);
    if (!breakpoint) return super.processGDBMessage(command);
    // Bit 0 says Thumb, which is all this core executes.
    const address = (Number.parseInt(breakpoint[2] as string, 16) & ~1) >>> 0;
    if (breakpoint[1] === "z") this.breakpoints.delete(address);
    else if (this.breakpoints.size < MOST_BREAKPOINTS) this.breakpoints.add(address);
    else return REFUSED;
    return OK;
  }
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export function serveDebugger(chip: Debuggee, bus: SystemBus, port: number): () => void {
  const target = {
    rp2040: chip.bus,
    get executing() {
      return !chip.debuggerHalted;
    },
    execute() {
      chip.debuggerHalted = false;
    },
    stop() {
      chip.debuggerHalted = true;
      bus.cpu.requestStop();
    },
  };
  const server = new Server(target, bus.breakpoints);
  server.logger = SILENT;
  const sockets = new Set<Socket>();

  const attach = () => {
    bus.debuggerAttached = true;
    bus.cpu.onBreakpoint = (code) => bus.onBreak(code);
    target.stop();
  };
  const detach = () => {
    bus.debuggerAttached = false;
    bus.cpu.onBreakpoint = null;
    bus.breakpoints.clear();
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
  listener.on("error", (error) => bus.log.warn("GDB", `cannot listen on port ${port}: ${error.message}`));
  // Local connections only: the protocol has no authentication.
  listener.listen(port, "127.0.0.1");

  return () => {
    for (const socket of sockets) socket.destroy();
    listener.close();
    detach();
  };
}
