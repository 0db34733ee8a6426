import { Rates__factory } from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import type { Money } from "./deployMoney.ts";
import { word } from "./word.ts";

/** Unix seconds. */
const FIRST_START = 1_700_000_000;
const SECONDS_BETWEEN = 86_400;

/** The list of rates, which begins with those of the mainnet; each later entry differs in all its fields. */
export async function measureRates(
  { deployer, deployProxied, record }: Bench,
  { parameters }: Pick<Money, "parameters">,
): Promise<void> {
  const rates = Rates__factory.connect(
    await deployProxied("RateRegistry", new Rates__factory(deployer).deploy(parameters)),
    deployer,
  );
  const setRates = async (number: number): Promise<void> => {
    const values = {
      messageFee: 100 + number,
      storageFee: 200 + number,
      congestionFee: 300 + number,
      targetRatePerMinute: 6_000 + number,
      ratesInEffectAfter: FIRST_START + number * SECONDS_BETWEEN,
    };
    await parameters["set(string[],bytes32[])"](
      Object.keys(values).map((name) => `xmtp.rateRegistry.${name}`),
      Object.values(values).map(word),
    );
  };

  await setRates(0);
  await record("rateRegistry.updateRates.first", "Rates.updateRates, first", rates.updateRates());
  await setRates(1);
  await rates.updateRates();
  await setRates(2);
  await record("rateRegistry.updateRates", "Rates.updateRates, third", rates.updateRates());

  await setRates(3);
  await record(
    "rateRegistry.updateRates.newWord",
    "Rates.updateRates, fourth: a new word for start times, as every fourth needs",
    rates.updateRates(),
  );
  await setRates(4);
  await record(
    "rateRegistry.updateRates.later",
    "Rates.updateRates, fifth: the start time is no longer in the word of the length",
    rates.updateRates(),
  );
}
