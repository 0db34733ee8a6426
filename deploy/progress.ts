import type { Hash } from "viem";

import type { ChainName } from "../src/deployment/networkPlan.ts";

/** What a deployment tells while it runs. */
export type DeployProgress =
  | { readonly kind: "checked"; readonly chain: ChainName; readonly outstanding: number }
  | { readonly kind: "waiting"; readonly chain: ChainName; readonly pendingTransactions: number }
  | { readonly kind: "sending"; readonly chain: ChainName; readonly what: string }
  | { readonly kind: "sent"; readonly chain: ChainName; readonly what: string; readonly hash: Hash }
  | { readonly kind: "awaitsBridge"; readonly chain: ChainName; readonly nextStep: string }
  | { readonly kind: "finished"; readonly chain: ChainName; readonly transactions: number };

export type OnProgress = (progress: DeployProgress) => void;

/** One line for a person. */
export function describeProgress(progress: DeployProgress): string {
  switch (progress.kind) {
    case "checked":
      return progress.outstanding === 0
        ? `${progress.chain}: everything is as configured`
        : `${progress.chain}: ${progress.outstanding} things to do`;
    case "waiting":
      return `${progress.chain}: waiting for ${progress.pendingTransactions} earlier transactions of the deployer`;
    case "sending":
      return `${progress.chain}: ${progress.what}`;
    case "sent":
      return `${progress.chain}: ${progress.what}: ${progress.hash}`;
    case "awaitsBridge":
      return `${progress.chain}: waits for a bridge; ${progress.nextStep}`;
    case "finished":
      return `${progress.chain}: done, ${progress.transactions} transactions`;
  }
}
