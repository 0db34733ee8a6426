import { definePlugin } from "hardhat/plugins";
import type { CompilerOutput, CompilerOutputError } from "hardhat/types/solidity";

/** A compiler warning that does not fail the build, and why. */
interface AllowedWarning {
  readonly code: string;
  readonly folder: string;
  readonly reason: string;
}

const ALLOWED_WARNINGS: readonly AllowedWarning[] = [
  { code: "5574", folder: "test", reason: "Tests are never deployed: size is no limit." },
  { code: "3860", folder: "test", reason: "Tests are never deployed: size is no limit." },
  { code: "2018", folder: "test", reason: "Tests share signatures, not mutability." },
];

/** Turns compiler warnings into errors, so that a build with a warning is neither finished nor cached. */
export const warningsPlugin = definePlugin({
  id: "project-warnings",
  hookHandlers: {
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            invokeSolc: async (context, compiler, input, config, next) => {
              const output = await next(context, compiler, input, config);
              // Coverage instruments the sources: what the compiler then says is not about them.
              return context.globalOptions.coverage ? output : failOnWarnings(output);
            },
          }),
      }),
  },
});

/** Raises every warning that is not on the list to an error; remarks (`severity: "info"`) stay remarks. */
export function failOnWarnings(output: CompilerOutput): CompilerOutput {
  if (output.errors === undefined) return output;

  return {
    ...output,
    errors: output.errors.map((error) => (isFatal(error) ? raise(error) : error)),
  };
}

function isFatal({ severity, errorCode, formattedMessage = "" }: CompilerOutputError): boolean {
  const isAllowed = ALLOWED_WARNINGS.some(
    ({ code, folder }) => code === errorCode && formattedMessage.includes(`--> project/${folder}/`),
  );

  return severity === "warning" && !isAllowed;
}

function raise(warning: CompilerOutputError): CompilerOutputError {
  return { ...warning, severity: "error", type: "Error" };
}
