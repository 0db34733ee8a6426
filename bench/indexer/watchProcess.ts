import { readFileSync, readdirSync } from "node:fs";

const POLL_MS = 100;
/** What the kernel counts processor time in, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** In `/proc/<pid>/stat`, counted from the field behind the program's name. */
const PARENT_FIELD = 1;
const USER_TICKS_FIELD = 11;
const SYSTEM_TICKS_FIELD = 12;

/** What a process and those that it starts took. */
export interface Usage {
  /** The most memory that each held, summed up. */
  readonly peakMegabytes: number;
  /** Of user and system together: tells more than the clock does where other programs run beside. */
  readonly processorSeconds: number;
}

/** Watches a process and those that it starts until `finish`. Only on Linux: elsewhere it sees nothing. */
export function watchProcess(pid: number): { readonly finish: () => Usage } {
  const peaks = new Map<number, number>();
  const ticks = new Map<number, number>();
  const look = (): void => {
    const parents = new Map<number, number>();
    const spent = new Map<number, number>();
    for (const [process, fields] of readStats()) {
      parents.set(process, Number(fields[PARENT_FIELD]));
      spent.set(process, Number(fields[USER_TICKS_FIELD]) + Number(fields[SYSTEM_TICKS_FIELD]));
    }

    const tree = [pid];
    for (const member of tree) {
      for (const [child, parent] of parents) if (parent === member) tree.push(child);
      // Of a process that is gone, the last look counts.
      peaks.set(member, readPeakKilobytes(member) ?? peaks.get(member) ?? 0);
      ticks.set(member, spent.get(member) ?? ticks.get(member) ?? 0);
    }
  };
  const timer = setInterval(look, POLL_MS);
  timer.unref();

  return {
    finish: () => {
      clearInterval(timer);
      look();
      return {
        peakMegabytes: Math.round(sum(peaks.values()) / 1024),
        processorSeconds: sum(ticks.values()) / TICKS_PER_SECOND,
      };
    },
  };
}

function readStats(): [pid: number, fields: string[]][] {
  const entries = readOr("/proc", (folder) => readdirSync(folder), []);

  return entries.flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const stat = readOr(`/proc/${entry}/stat`, (file) => readFileSync(file, "utf8"), "");
    // The name of the program, in brackets, may hold anything.
    return stat === "" ? [] : [[Number(entry), stat.slice(stat.lastIndexOf(")") + 2).split(" ")]];
  });
}

function readPeakKilobytes(pid: number): number | undefined {
  const status = readOr(`/proc/${pid}/status`, (file) => readFileSync(file, "utf8"), "");
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(status);

  return line === null ? undefined : Number(line[1]);
}

/** Processes come and go between two looks. */
function readOr<Value>(place: string, read: (place: string) => Value, otherwise: Value): Value {
  try {
    return read(place);
  } catch {
    return otherwise;
  }
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
