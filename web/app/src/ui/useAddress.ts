import { useCallback, useEffect, useRef } from "react";
import { useSearchParams } from "react-router";

export type Change = Record<string, string | undefined>;

/** The parameters of the address, and how to change some of them; what is empty is left out. */
export function useAddress(): [URLSearchParams, (change: Change) => void] {
  const [parameters, setParameters] = useSearchParams();
  // React Router's own updater sees the parameters of its drawing: of two changes in a row the first would be lost.
  const newest = useRef(parameters);
  useEffect(() => {
    newest.current = parameters;
  }, [parameters]);
  const change = useCallback(
    (wanted: Change) => {
      const after = new URLSearchParams(newest.current);
      for (const [name, value] of Object.entries(wanted)) {
        if (value) after.set(name, value);
        else after.delete(name);
      }
      newest.current = after;
      setParameters(after, { replace: true });
    },
    [setParameters],
  );
  return [parameters, change];
}

/** A parameter, if it is one of those that are known. */
export function oneOf<Value extends string>(
  values: readonly Value[],
  wanted: string | null,
): Value | undefined {
  return values.find((value) => value === wanted);
}

type Defined<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined | null | ""> };

/** Without what is not set: it would stand in the address as nothing. */
export function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one != null && one !== ""),
  ) as Defined<Value>;
}
