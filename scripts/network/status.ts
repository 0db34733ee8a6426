import type { Command } from "commander";

import { readAccount } from "./account.ts";
import { createCommand } from "./command.ts";
import { readUrls } from "./connect.ts";
import { EXIT_CODES } from "./exitCodes.ts";
import { ARTIFACTS, findAddressBook, parametersFile } from "./files.ts";
import { renderTable } from "./output.ts";
import { SETTINGS } from "./settings.ts";

const { network, deploymentsDir, settlementRpc, appchainRpc, privateKey, json } = SETTINGS;

export function statusCommand(): Command {
  return createCommand({
    usage: "status",
    description: "read both chains and say for each thing: done, or why not",
    help: "Ends with 0 only if everything is done. Sends nothing.\nWhose deployment it is: the deployer of the parameters, else of the address book, else the account of the key.",
    shape: { network, deploymentsDir, settlementRpc, appchainRpc, privateKey, json },
    run: async ({ options, output }) => {
      const parametersPath = await parametersFile(options);
      const addressBook = await findAddressBook(options);
      const [
        { readNetworkParameters },
        { readArtifacts },
        { awaitsBridge, networkPlan },
        { readStatus },
        { connectChain },
      ] = await Promise.all([
        import("../../src/deployment/networkParameters.ts"),
        import("../../src/deployment/artifacts.ts"),
        import("../../src/deployment/networkPlan.ts"),
        import("../../src/deployment/status.ts"),
        import("../../src/chain/connectChain.ts"),
      ]);
      const parameters = await readNetworkParameters(parametersPath);
      const artifacts = await readArtifacts(ARTIFACTS);
      const settlementUrl = await readUrls("settlement", options.network, options.settlementRpc);
      const chainIds = [parameters.settlement.chainId, parameters.appchain.chainId] as const;
      const deployer =
        parameters.deployer ??
        addressBook?.deployer ??
        (await readAccount({ ...options, chainIds, output })).address;
      const plan = networkPlan({ deployer, parameters, artifacts });
      // An appchain whose rollup is yet to be made has no endpoint.
      const appchainUrl = awaitsBridge(plan)
        ? undefined
        : await readUrls("appchain", options.network, options.appchainRpc);
      const [settlement, appchain] = await Promise.all([
        connectChain({ url: settlementUrl.url, chainId: chainIds[0] }),
        appchainUrl && connectChain({ url: appchainUrl.url, chainId: chainIds[1] }),
      ]);

      const { done, items } = await readStatus({
        plan,
        settlement: settlement.client,
        appchain: appchain?.client,
      });
      const left = items.filter(({ outcome }) => !outcome.done).length;
      output.result(
        {
          done,
          deployer,
          items: items.map(({ outcome, ...item }) => ({ ...item, ...outcome })),
        },
        [
          renderTable(
            items.map(({ chain, subject, question, outcome }) => [
              chain,
              subject,
              question,
              outcome.done ? "done" : outcome.why,
            ]),
          ),
          "",
          done
            ? `all ${items.length} things are done`
            : `${left} of ${items.length} things are not done`,
        ].join("\n"),
      );
      if (!done) process.exitCode = EXIT_CODES.FIX;
    },
  });
}
