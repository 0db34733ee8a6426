/** Beside what installs the server, because benchmarks use it too. */
export {
  startPostgres,
  type Postgres,
  type PostgresOptions,
  type StopMode,
} from "../../hardhat/startPostgres.ts";
