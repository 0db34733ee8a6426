import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { Nodes } from "../../typechain-types/index.ts";
import { accounts } from "./accounts.ts";
import { deployProxy } from "./deployProxy.ts";
import { deployRegistry, type Registry } from "./deployRegistry.ts";
import { ethers } from "./network.ts";
import type { ParameterValue } from "./parameterValue.ts";
import { setParametersOf } from "./setParametersOf.ts";

/** Parameters of the node registry by the last part of their key. */
export type NodesParameters = Readonly<
  Partial<Record<"admin" | "maxCanonicalNodes" | "migrator", ParameterValue>>
>;

export interface NodesFixture {
  /** Called by a stranger. */
  readonly nodes: Nodes;
  /** Called by the admin. */
  readonly adminNodes: Nodes;
  readonly implementation: Nodes;
  readonly registry: Registry;
  readonly admin: HardhatEthersSigner;
  readonly owner: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
  /** Writes parameters into the parameter registry; nothing is applied by it. */
  setParameters(parameters: NodesParameters): Promise<void>;
}

/** Deploys a node registry as `initialize` leaves it: no admin, no room in the network. */
export async function deployNodes(): Promise<NodesFixture> {
  const { admin, owner, stranger } = await accounts(["admin", "owner", "stranger"]);
  const { registry } = await deployRegistry("SettlementParameters", [admin.address]);
  const implementation = await ethers.deployContract("Nodes", [registry]);

  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize"),
  );
  const nodes = await ethers.getContractAt("Nodes", address);

  return {
    nodes: nodes.connect(stranger),
    adminNodes: nodes.connect(admin),
    implementation,
    registry,
    admin,
    owner,
    stranger,
    setParameters: (parameters) => setParametersOf(registry, "xmtp.nodeRegistry", parameters),
  };
}

/** Deploys a node registry with an admin and room for 20 canonical nodes. */
export async function deployConfiguredNodes(): Promise<NodesFixture> {
  const fixture = await deployNodes();

  await fixture.setParameters({ admin: fixture.admin.address, maxCanonicalNodes: 20n });
  await fixture.nodes.updateAll();

  return fixture;
}
