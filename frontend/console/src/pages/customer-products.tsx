// What a customer has and wants, as two columns of boxes. Saved at once; who only reads sees words.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { ProductStand } from "@zoufang/shared/api/types.ts";
import { Checkbox } from "antd";
import { useMay, useWords } from "../session.ts";
import { Panel } from "../ui/layout.tsx";
import { ErrorBox, View } from "../ui/states.tsx";

export function CustomerProducts({ unitId, customerId }: { unitId: string; customerId: string }) {
  const w = useWords();
  const p = w.products;
  const may = useMay("customer.write");
  const client = useQueryClient();
  const key = ["customer-products", unitId, customerId];
  const query = useQuery({ queryKey: key, queryFn: () => api.customerProducts(unitId, customerId) });
  const set = useMutation({
    mutationFn: (items: ProductStand[]) =>
      api.setCustomerProducts(unitId, customerId, {
        held: items.filter((i) => i.held).map((i) => i.code),
        wanted: items.filter((i) => i.wanted).map((i) => i.code),
      }),
    onSuccess: (told) => client.setQueryData(key, told),
  });
  const box = (items: ProductStand[], one: ProductStand, field: "held" | "wanted") => (
    <Checkbox
      checked={one[field]}
      disabled={!may || set.isPending}
      aria-label={`${one.name} ${p[field]}`}
      onChange={(e) =>
        set.mutate(items.map((i) => (i.code === one.code ? { ...i, [field]: e.target.checked } : i)))
      }
    />
  );
  return (
    <Panel title={p.title} hint={may ? p.hint : undefined}>
      <ErrorBox error={set.error} />
      <View query={query}>
        {(data) => (
          <table className="table dense">
            <thead>
              <tr>
                <th scope="col">{p.product}</th>
                <th scope="col">{p.held}</th>
                <th scope="col">{p.wanted}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((one) => (
                <tr key={one.code}>
                  <td>{one.name}</td>
                  <td>{box(data.items, one, "held")}</td>
                  <td>{box(data.items, one, "wanted")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </View>
    </Panel>
  );
}
