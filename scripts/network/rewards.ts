import { Command } from "commander";

import { libraryError } from "../../src/errors/libraryErrors.ts";
import type { PayerReportKey } from "../../src/reports/readPayerReports.ts";
import { createCommand, groupCommands } from "./command.ts";
import { address, parseOriginator, showDollars, token } from "./moneyOptions.ts";
import { renderTable } from "./output.ts";
import { openSettlement, READ, WRITE, writeSettlement, type Place } from "./writeChain.ts";

/** Stands for the protocol where a node id is expected. */
const PROTOCOL = "protocol";
const WHOSE = `<node-id|${PROTOCOL}>`;

export function rewardsCommand(): Command {
  const group = new Command("rewards").description(
    "what nodes and the protocol earn from settled reports",
  );

  return groupCommands(group, [show(), claim(), withdraw()]);
}

function show(): Command {
  return createCommand({
    usage: "show",
    description: "show what each node and the protocol has claimed and not withdrawn",
    shape: READ,
    run: async ({ options, output }) => {
      const [{ readNodes }, { readRewards }] = await Promise.all([
        import("../../src/nodes/readNodes.ts"),
        import("../../src/rewards/readRewards.ts"),
      ]);
      const { chain, addresses } = await openSettlement(options);
      const nodes = await readNodes({ chain, address: addresses.nodeRegistry });
      const owed = await readRewards({
        chain,
        address: addresses.distributionManager,
        nodeIds: nodes.map(({ nodeId }) => nodeId),
      });
      output.result(
        owed,
        renderTable([
          ...owed.nodes.map((node) => [`node ${node.nodeId}`, showDollars(node.owed)]),
          ["protocol", showDollars(owed.protocolOwed), owed.protocolRecipient ?? "no recipient"],
          ...(owed.isPaused ? [["paused", "nothing can be claimed or withdrawn"]] : []),
        ]),
      );
    },
  });
}

function claim(): Command {
  return createCommand({
    usage: `claim ${WHOSE} [originator...]`,
    description: "book the share of every settled report that was not claimed yet",
    help: "Looks at the reports of all registered nodes, or of the given originators. The owner of the node signs; for the\nprotocol anyone may.",
    shape: WRITE,
    run: async ({ options, args: [whose = "", ...originators], output }) => {
      const nodeId = await parseWhose(whose);
      const given = originators.map(parseOriginator);
      const { claimProtocolFees, claimRewards } = await import("../../src/rewards/claimRewards.ts");
      await writeSettlement({
        options,
        output,
        what: `claim the rewards of ${nameOf(nodeId)}`,
        act: async (place) => {
          const { chain, account, addresses } = place;
          const reports = await findReports(place, given);
          const target = { chain, account, address: addresses.distributionManager, reports };
          const done =
            nodeId === undefined
              ? await claimProtocolFees(target)
              : await claimRewards({ ...target, nodeId });
          const hashes = done.changes.map(({ transactionHash }) => transactionHash);
          return {
            value: done,
            text: [
              done.claimed.length === 0
                ? `there is nothing to claim for ${nameOf(nodeId)}`
                : `claimed ${showDollars(done.amount)} of ${done.claimed.length} reports for ${nameOf(nodeId)}`,
              ...hashes,
            ].join("\n"),
          };
        },
      });
    },
  });
}

function withdraw(): Command {
  return createCommand({
    usage: `withdraw ${WHOSE}`,
    description: "pay out what was claimed, as far as payers have paid",
    help: "The owner of the node signs. The protocol's goes to the recipient that its parameter names; anyone may send it.",
    shape: {
      ...WRITE,
      recipient: address("who is paid; default: the account. Not for the protocol"),
      into: token("what to be paid in; default: underlying"),
    },
    run: async ({ options: { recipient, into, ...options }, args: [whose = ""], output }) => {
      const nodeId = await parseWhose(whose);
      if (recipient !== undefined) {
        const { parseAddress } = await import("../../src/inputs/parseAddress.ts");
        parseAddress(recipient, "recipient");
        if (nodeId === undefined) {
          throw libraryError("INVALID_OPTION", "--recipient is not for the protocol", {
            hint: "its recipient is the parameter xmtp.distributionManager.protocolFeesRecipient",
          });
        }
      }
      const { withdrawProtocolFees, withdrawRewards } =
        await import("../../src/rewards/withdrawRewards.ts");
      await writeSettlement({
        options,
        output,
        what: `pay out the rewards of ${nameOf(nodeId)}`,
        act: async ({ chain, account, addresses }) => {
          const target = {
            chain,
            account,
            address: addresses.distributionManager,
            intoUnderlying: into !== "feeToken",
          };
          const done =
            nodeId === undefined
              ? await withdrawProtocolFees(target)
              : await withdrawRewards({
                  ...target,
                  nodeId,
                  recipient: recipient ?? account.address,
                });
          return {
            value: done,
            text: `paid ${showDollars(done.amount)} for ${nameOf(nodeId)}: ${done.transactionHash}`,
          };
        },
      });
    },
  });
}

/** Every report of the originators; of all registered nodes where none is given. */
async function findReports(
  { chain, addresses }: Place,
  given: readonly number[],
): Promise<readonly PayerReportKey[]> {
  const [{ readNodes }, { readPayerReports }] = await Promise.all([
    import("../../src/nodes/readNodes.ts"),
    import("../../src/reports/readPayerReports.ts"),
  ]);
  const originators =
    given.length > 0
      ? given
      : (await readNodes({ chain, address: addresses.nodeRegistry })).map(({ nodeId }) => nodeId);
  const reports = await Promise.all(
    originators.map((originatorNodeId) =>
      readPayerReports({ chain, address: addresses.payerReportManager, originatorNodeId }),
    ),
  );

  return reports.flat();
}

/** The node; undefined for the protocol. */
async function parseWhose(whose: string): Promise<number | undefined> {
  if (whose === PROTOCOL) return undefined;
  const { parseNodeId } = await import("../../src/inputs/parseIds.ts");

  return parseNodeId(whose);
}

function nameOf(nodeId: number | undefined): string {
  return nodeId === undefined ? "the protocol" : `node ${nodeId}`;
}
