import type { Command } from "commander";
import type { Address } from "viem";

import type { PlannedStep } from "../../deploy/plannedSteps.ts";
import { readAccount } from "./account.ts";
import { createCommand } from "./command.ts";
import { readUrls } from "./connect.ts";
import { addressBookPath, ARTIFACTS, findOrigins, parametersFile } from "./files.ts";
import { renderTable, toJson, type Output } from "./output.ts";
import { SETTINGS } from "./settings.ts";

const { network, deploymentsDir, settlementRpc, appchainRpc, privateKey, json, yes } = SETTINGS;

export function deployCommand(): Command {
  return createCommand({
    usage: "deploy",
    description: "bring both chains to the state that deploy/parameters/<network>.json5 describes",
    help: "What is there stays: a second run sends nothing, and a run that was interrupted is finished by the next one.\nWrites <deployments-dir>/<network>.json, the address book that xmtpd reads.",
    shape: { network, deploymentsDir, settlementRpc, appchainRpc, privateKey, json, yes },
    run: async ({ options, output }) => {
      const parametersPath = await parametersFile(options);
      const known = await findOrigins(options);
      const [{ readNetworkParameters }, { readArtifacts }, { keyProvider }] = await Promise.all([
        import("../../src/deployment/networkParameters.ts"),
        import("../../src/deployment/artifacts.ts"),
        import("../../deploy/keyProvider.ts"),
      ]);
      const parameters = await readNetworkParameters(parametersPath);
      const artifacts = await readArtifacts(ARTIFACTS);
      const settlementUrl = await readUrls("settlement", options.network, options.settlementRpc);
      const { key, address: deployer } = await readAccount({
        ...options,
        chainIds: [parameters.settlement.chainId, parameters.appchain.chainId],
        output,
      });
      const [{ awaitsBridge, networkPlan }, { nextStep }] = await Promise.all([
        import("../../src/deployment/networkPlan.ts"),
        import("../../src/deployment/predicates/areContractsJoined.ts"),
      ]);
      const plan = networkPlan({ deployer, parameters, artifacts });
      // An appchain whose rollup is yet to be made has no endpoint.
      const appchainUrl = awaitsBridge(plan)
        ? undefined
        : await readUrls("appchain", options.network, options.appchainRpc);
      const config = {
        parameters,
        artifacts,
        deployer,
        settlement: keyProvider({ url: settlementUrl.url, privateKey: key }),
        appchain: appchainUrl && keyProvider({ url: appchainUrl.url, privateKey: key }),
        known,
      };

      if (!options.yes) {
        const { previewNetwork } = await import("../../deploy/previewNetwork.ts");
        showPreview(await previewNetwork(config), deployer, output);
        if (awaitsBridge(plan)) output.note(`the appchain waits: ${nextStep(plan.bridge)}`);
        return;
      }
      const { deployNetwork } = await import("../../deploy/deployNetwork.ts");
      const { describeProgress } = await import("../../deploy/progress.ts");
      const { addressBook, status, transactions } = await deployNetwork({
        ...config,
        onProgress: (progress) => output.note(describeProgress(progress)),
      });
      const path = addressBookPath(options);
      const { readAddressBook, writeAddressBook } =
        await import("../../src/deployment/addressBookFile.ts");
      const before = await readAddressBook(path).catch(() => undefined); // none, or one of an earlier version
      if (before === undefined || toJson(sorted(before)) !== toJson(sorted(addressBook))) {
        await writeAddressBook(path, addressBook);
        output.note(`wrote ${path}`);
      }
      const left = status.items.filter(({ outcome }) => !outcome.done);
      output.result(
        { transactions, addressBook, done: status.done },
        transactions === 0
          ? `nothing to do: ${options.network} is as configured, no transaction was sent`
          : `deployed ${options.network} with ${transactions} transactions\n\n${renderTable(Object.entries(addressBook).map(([name, value]) => [name, String(value)]))}`,
      );
      if (left.length > 0) {
        output.note(
          `${left.length} things are not done by a deployment; see: npm run network -- status --network ${options.network}`,
        );
      }
    },
  });
}

function showPreview(steps: readonly PlannedStep[], deployer: Address, output: Output): void {
  const rows = steps.map(({ chain, what, address }) => [chain, what, address]);
  output.result(
    { preview: true, deployer, steps },
    steps.length === 0
      ? "nothing to do: both chains are as configured"
      : `${renderTable(rows)}\n\n${steps.length} steps would be sent from ${deployer}. Pass --yes to send them.`,
  );
}

function sorted(addressBook: object): [string, unknown][] {
  return Object.entries(addressBook).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
