/** A slot's commands as the functions that build on them see a client: status, boot log and consoles. */
import type { Rail } from "./rails.ts";
import type { CallName, CallOf, ReadableName, SettingOf, ValueOf, WritableName } from "./values.ts";

export interface PageOption {
  /** The page of a paged command. Default: its first. */
  readonly page?: number;
}

export interface SlotCommands {
  get<N extends ReadableName>(name: N, option?: PageOption): Promise<ValueOf<N>>;
  set<N extends WritableName>(name: N, value: SettingOf<N>, option?: PageOption): Promise<void>;
  call<N extends CallName>(name: N, sent: CallOf<N>): Promise<ValueOf<N>>;
  rails(): Promise<readonly Rail[]>;
}
