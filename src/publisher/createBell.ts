/** Lets one loop sleep until something happens. */
export interface Bell {
  /** Ends the sleep, or the next one if the loop is awake. */
  ring(): void;
  /** Resolves once the bell rings, or after the delay in milliseconds. */
  sleep(delayMs: number): Promise<void>;
}

export function createBell(): Bell {
  let wakeUp: (() => void) | undefined;
  /** It rang while nobody slept. */
  let hasRung = false;

  return {
    ring: () => {
      hasRung = true;
      wakeUp?.();
    },
    sleep: async (delayMs) => {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, delayMs);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wakeUp = undefined;
      }
      hasRung = false;
    },
  };
}
