import type { ContractTransactionResponse } from "ethers";
import { SigningKey } from "ethers";

import type { Nodes, SettlementParameters } from "../../typechain-types/index.js";
import { Nodes__factory } from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import { word } from "./word.ts";

/** The lengths of URL that the baseline was taken with. */
const URL_37 = "https://node-100.operator-aa.example/";
const OTHER_URL_37 = "https://node-100.operator-bb.example/";
const URL_29 = "https://node-100.example.com/";
const OTHER_URL_29 = "https://node-200.example.com/";

/** The node registry, and the private key of each node: 100, 200 and so on. */
export interface MeasuredNodes {
  readonly nodes: Nodes;
  readonly signingKeys: readonly SigningKey[];
}

/** The node registry: 100 nodes, of which the first 20 are canonical. */
export async function measureNodes(
  { bytes, deployer, deployProxied, owner, record, recordView }: Bench,
  settlementParameters: SettlementParameters,
): Promise<MeasuredNodes> {
  const nodes = Nodes__factory.connect(
    await deployProxied(
      "NodeRegistry",
      new Nodes__factory(deployer).deploy(await settlementParameters.getAddress()),
    ),
    deployer,
  );
  await settlementParameters["set(string[],bytes32[])"](
    ["xmtp.nodeRegistry.admin", "xmtp.nodeRegistry.maxCanonicalNodes"],
    [word(BigInt(deployer.address)), word(100n)],
  );
  await nodes.updateAll();

  const signingKeys: SigningKey[] = [];
  const addNode = (to: string, url: string): Promise<ContractTransactionResponse> => {
    const signingKey = new SigningKey(bytes(32));
    signingKeys.push(signingKey);
    return nodes.addNode(to, signingKey.publicKey, url);
  };

  await addNode(deployer.address, URL_37);
  await record(
    "nodeRegistry.addNode.newOwner",
    "Nodes.addNode, owner without a node, 37-byte URL",
    addNode(owner.address, URL_37),
  );
  await record(
    "nodeRegistry.addNode",
    "Nodes.addNode, owner with a node, 37-byte URL",
    addNode(owner.address, URL_37),
  );
  await record(
    "nodeRegistry.addNode.shortUrl",
    "Nodes.addNode, owner with a node, 29-byte URL",
    addNode(owner.address, URL_29),
  );

  await record(
    "nodeRegistry.setHttpAddress",
    "Nodes.setHttpAddress, 37 to 37 bytes",
    nodes.connect(owner).setHttpAddress(200, OTHER_URL_37),
  );
  await record(
    "nodeRegistry.setHttpAddress.toShort",
    "Nodes.setHttpAddress, 37 to 29 bytes",
    nodes.connect(owner).setHttpAddress(200, URL_29),
  );
  await record(
    "nodeRegistry.setHttpAddress.short",
    "Nodes.setHttpAddress, 29 to 29 bytes",
    nodes.connect(owner).setHttpAddress(200, OTHER_URL_29),
  );
  await nodes.connect(owner).setHttpAddress(200, URL_37);
  await nodes.connect(owner).setHttpAddress(400, URL_37);

  while (signingKeys.length < 20) await addNode(owner.address, URL_37);

  await record(
    "nodeRegistry.addToNetwork.first",
    "Nodes.addToNetwork, first node of all",
    nodes.addToNetwork(100),
  );
  for (let number = 2; number <= 18; number++) await nodes.addToNetwork(100 * number);
  await record(
    "nodeRegistry.addToNetwork",
    "Nodes.addToNetwork, 18 canonical already",
    nodes.addToNetwork(1900),
  );
  await nodes.addToNetwork(2000);

  await recordView(
    "nodeRegistry.getCanonicalNodes.20",
    "Nodes.getCanonicalNodes, 20",
    await nodes.getCanonicalNodes.populateTransaction(),
  );
  await recordView(
    "nodeRegistry.getAllNodes.20",
    "Nodes.getAllNodes, 20",
    await nodes.getAllNodes.populateTransaction(),
  );
  await recordView(
    "nodeRegistry.getNode",
    "Nodes.getNode",
    await nodes.getNode.populateTransaction(1000),
  );

  await record(
    "nodeRegistry.removeFromNetwork",
    "Nodes.removeFromNetwork, from the middle of 20",
    nodes.removeFromNetwork(1000),
  );
  await nodes.addToNetwork(1000);
  await record(
    "nodeRegistry.removeFromNetwork.last",
    "Nodes.removeFromNetwork, last of 20",
    nodes.removeFromNetwork(1000),
  );
  await nodes.addToNetwork(1000);

  while (signingKeys.length < 100) await addNode(owner.address, URL_37);
  await recordView(
    "nodeRegistry.getAllNodes.100",
    "Nodes.getAllNodes, 100",
    await nodes.getAllNodes.populateTransaction(),
  );

  return { nodes, signingKeys };
}
