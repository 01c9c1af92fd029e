import { act, createEvent, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SearchBox } from "../src/ui/SearchBox.tsx";
import { useAddress } from "../src/ui/useAddress.ts";
import { Api, show } from "./shown.tsx";

function Page() {
  const [parameters, change] = useAddress();
  return (
    <>
      <SearchBox value={parameters.get("q") ?? ""} label="Search" onChange={(q) => change({ q })} />
      <button type="button" onClick={() => change({ status: "failed" })}>
        Failed
      </button>
      <button
        type="button"
        onClick={() => {
          change({ one: "1" });
          change({ two: "2" });
        }}
      >
        Both
      </button>
    </>
  );
}

async function open(path = "/") {
  new Api();
  const { router } = await show([{ path: "/", element: <Page /> }], path);
  const box = (await screen.findByRole("searchbox", { name: "Search" })) as HTMLInputElement;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  return { box, search: () => router.state.location.search, router };
}

const type = (box: HTMLElement, value: string) => fireEvent.change(box, { target: { value } });
const pause = () => act(() => vi.advanceTimersByTimeAsync(400));

afterEach(() => void vi.useRealTimers());

test("a filter that is chosen while somebody types stays", async () => {
  const { box, search } = await open();
  type(box, "sea");
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Failed" })));
  expect(search()).toBe("?status=failed");
  await pause();
  expect(search()).toBe("?status=failed&q=sea");
});

test("two changes in a row both count", async () => {
  const { search } = await open();
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Both" })));
  expect(search()).toBe("?one=1&two=2");
});

test("letters typed while the address follows stay; going back shows what it says", async () => {
  const { box, search, router } = await open();
  type(box, "se");
  // The address follows a moment later, when there is one letter more.
  const navigate = vi.spyOn(router, "navigate").mockResolvedValue();
  await pause();
  type(box, "sea");
  const [to, options] = navigate.mock.calls[0] ?? [];
  navigate.mockRestore();
  await act(() => router.navigate(to as string, options as object));
  expect(search()).toBe("?q=se");
  expect(box.value).toBe("sea");
  await pause();
  expect(search()).toBe("?q=sea");
  await act(() => router.navigate("/?q=shore"));
  vi.useRealTimers();
  await waitFor(() => expect(box.value).toBe("shore"));
});

test("what an input method composes is searched when it is done, not by its Enter", async () => {
  const { box, search } = await open();
  fireEvent.compositionStart(box);
  const composing = createEvent.input(box, { target: { value: "hai" }, isComposing: true });
  fireEvent(box, composing);
  await pause();
  fireEvent.keyDown(box, { key: "Enter", isComposing: true });
  await pause();
  expect(search()).toBe("");
  type(box, "海");
  fireEvent.compositionEnd(box);
  await pause();
  expect(search()).toBe(`?q=${encodeURIComponent("海")}`);
});
