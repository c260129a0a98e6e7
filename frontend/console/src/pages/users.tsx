// Who may sign in and with which roles on which part of the tree. A new or reset password is shown once.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { User, UserInput } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Modal, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { UnitPicker } from "../ui/unit-picker.tsx";

const route = getRouteApi("/shell/users");
const tone: Record<User["state"], Tone> = { active: "ok", locked: "bad", retired: "plain" };

function RoleRows() {
  const w = useWords();
  const u = w.users;
  const roles = useQuery({ queryKey: ["roles"], queryFn: api.roles, staleTime: 600_000 });
  const rule = [{ required: true, message: w.common.required }];
  return (
    <Form.List name="roles">
      {(fields, { add, remove }) => (
        <fieldset className="group">
          <legend>{u.roles}</legend>
          {fields.map((field) => (
            <div className="form-2" key={field.key}>
              <Form.Item name={[field.name, "role_id"]} label={u.role} rules={rule}>
                <Select options={(roles.data?.items ?? []).map((r) => ({ value: r.id, label: r.name }))} />
              </Form.Item>
              <div className="line start">
                <Form.Item name={[field.name, "unit_id"]} label={u.scope} rules={rule} className="grow">
                  <UnitPicker label={u.scope} />
                </Form.Item>
                {fields.length > 1 ? (
                  <Button className="beside-label" onClick={() => remove(field.name)}>
                    {u.removeRole}
                  </Button>
                ) : null}
              </div>
            </div>
          ))}
          <Button onClick={() => add({})}>{u.addRole}</Button>
          <p className="hint">{u.excludes}</p>
        </fieldset>
      )}
    </Form.List>
  );
}

function InitialPassword({
  shown,
  onClose,
}: {
  shown: { name: string; password: string } | null;
  onClose: () => void;
}) {
  const w = useWords();
  return (
    <Modal
      title={w.users.initial}
      open={shown !== null}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {w.common.close}
        </Button>
      }
    >
      <p>{w.users.initialHint(shown?.name ?? "")}</p>
      <p>
        <code className="secret">{shown?.password}</code>
      </p>
    </Modal>
  );
}

function UserButtons({
  user,
  self,
  onReset,
  onUnlock,
  onRetire,
}: {
  user: User;
  self: boolean;
  onReset: (user: User) => void;
  onUnlock: (user: User) => void;
  onRetire: (user: User) => void;
}) {
  const w = useWords();
  const u = w.users;
  return (
    <>
      {user.state === "locked" ? (
        <Button size="small" aria-label={`${u.unlock}: ${user.name}`} onClick={() => onUnlock(user)}>
          {u.unlock}
        </Button>
      ) : null}
      <Popconfirm
        title={`${u.reset}: ${user.name}`}
        okText={w.common.sure}
        cancelText={w.common.cancel}
        onConfirm={() => onReset(user)}
      >
        <Button size="small" aria-label={`${u.reset}: ${user.name}`}>
          {u.reset}
        </Button>
      </Popconfirm>
      {self ? null : (
        <Button size="small" danger aria-label={`${u.retire}: ${user.name}`} onClick={() => onRetire(user)}>
          {u.retire}
        </Button>
      )}
    </>
  );
}

type Dialog = { kind: "roles" | "retire"; user: User } | { kind: "add" } | null;

export function UsersPage() {
  const w = useWords();
  const u = w.users;
  const me = useMe();
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const may = useMay("user.write");
  const mayGrant = useMay("grant.write");
  const [dialog, setDialog] = useState<Dialog>(null);
  const [initial, setInitial] = useState<{ name: string; password: string } | null>(null);
  const query = useQuery({
    queryKey: ["users", search.after],
    queryFn: () => api.users({ limit: 100, after: search.after }),
  });
  const refresh = () => client.invalidateQueries({ queryKey: ["users"] });
  const reset = useMutation({
    mutationFn: (user: User) => api.resetUser(user.id),
    onSuccess: (made, user) => {
      setInitial({ name: user.name, password: made.initial_password });
      return refresh();
    },
  });
  const unlock = useMutation({
    mutationFn: (user: User) => api.unlockUser(user.id),
    onSuccess: async () => {
      await refresh();
      notice(u.unlocked);
    },
  });

  const columns: Column<User>[] = [
    { key: "login", title: u.login, nowrap: true, render: (r) => r.login },
    { key: "name", title: u.name, nowrap: true, render: (r) => r.name },
    { key: "unit", title: u.unit, render: (r) => r.unit_name },
    {
      key: "roles",
      title: u.roles,
      render: (r) => r.roles.map((x) => `${x.name}（${x.unit_name}）`).join("；") || "–",
    },
    {
      key: "state",
      title: w.common.state,
      nowrap: true,
      render: (r) => <Tag tone={tone[r.state]}>{u.state[r.state]}</Tag>,
    },
    { key: "totp", title: u.totp, render: (r) => (r.totp ? u.on : u.off) },
    {
      key: "last",
      title: u.lastSignIn,
      nowrap: true,
      render: (r) => <span className="num">{r.last_sign_in ? stamp(r.last_sign_in) : u.never}</span>,
    },
    ...(may || mayGrant
      ? [
          {
            key: "actions",
            title: w.common.actions,
            render: (r: User) =>
              r.state === "retired" ? null : (
                <span className="line tight">
                  {mayGrant ? (
                    <Button
                      size="small"
                      aria-label={`${u.editRoles}: ${r.name}`}
                      onClick={() => setDialog({ kind: "roles", user: r })}
                    >
                      {u.editRoles}
                    </Button>
                  ) : null}
                  {may ? (
                    <UserButtons
                      user={r}
                      self={r.id === me.user.id}
                      onReset={reset.mutate}
                      onUnlock={unlock.mutate}
                      onRetire={(user) => setDialog({ kind: "retire", user })}
                    />
                  ) : null}
                </span>
              ),
          },
        ]
      : []),
  ];
  const rule = [{ required: true, message: w.common.required }];
  const target = dialog && dialog.kind !== "add" ? dialog.user : null;

  return (
    <Page
      title={u.title}
      actions={
        may ? (
          <Button type="primary" onClick={() => setDialog({ kind: "add" })}>
            {u.add}
          </Button>
        ) : null
      }
    >
      <ErrorBox error={reset.error ?? unlock.error} />
      <Panel flush>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={u.title}
                columns={columns}
                rows={data.items}
                rowKey={(r) => r.id}
                empty={<Empty text={u.empty} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) =>
                  navigate({ to: "/users", search: (old: Record<string, unknown>) => ({ ...old, after }) })
                }
              />
            </>
          )}
        </View>
      </Panel>
      <FormDialog<UserInput>
        title={u.add}
        open={dialog?.kind === "add"}
        onClose={() => setDialog(null)}
        width={680}
        initial={{
          unit_id: me.unit.id,
          roles: [{ role_id: undefined as unknown as string, unit_id: me.unit.id }],
        }}
        onSubmit={async (values) => {
          const made = await api.addUser(values);
          await refresh();
          setInitial({ name: made.user.name, password: made.initial_password });
        }}
      >
        <div className="form-2">
          <Form.Item name="login" label={u.login} rules={rule}>
            <Input autoComplete="off" autoCapitalize="none" />
          </Form.Item>
          <Form.Item name="name" label={u.name} rules={rule}>
            <Input autoComplete="off" />
          </Form.Item>
        </div>
        <Form.Item name="unit_id" label={u.unit} rules={rule}>
          <UnitPicker label={u.unit} />
        </Form.Item>
        <RoleRows />
      </FormDialog>
      <FormDialog<{ roles: { role_id: string; unit_id: string }[] }>
        key={`roles-${target?.id}`}
        title={`${u.editRoles} · ${target?.name ?? ""}`}
        open={dialog?.kind === "roles"}
        onClose={() => setDialog(null)}
        width={680}
        initial={{ roles: (target?.roles ?? []).map((r) => ({ role_id: r.id, unit_id: r.unit_id })) }}
        onSubmit={async (values) => {
          if (target) await api.setUserRoles(target.id, values.roles);
          await refresh();
          notice(w.common.saved);
        }}
      >
        <RoleRows />
      </FormDialog>
      <FormDialog<{ hand_over_to?: string }>
        key={`retire-${target?.id}`}
        title={`${u.retire} · ${target?.name ?? ""}`}
        open={dialog?.kind === "retire"}
        onClose={() => setDialog(null)}
        ok={u.retire}
        danger
        onSubmit={async (values) => {
          if (target) await api.retireUser(target.id, values.hand_over_to ?? null);
          await refresh();
          notice(u.retired);
        }}
      >
        <p className="hint">{u.retireHint}</p>
        <Form.Item name="hand_over_to" label={u.handOver}>
          <Select
            allowClear
            placeholder={u.handOverNone}
            showSearch={{ optionFilterProp: "label" }}
            options={(query.data?.items ?? [])
              .filter((r) => r.id !== target?.id && r.state === "active")
              .map((r) => ({ value: r.id, label: `${r.name} · ${r.unit_name}` }))}
          />
        </Form.Item>
      </FormDialog>
      <InitialPassword shown={initial} onClose={() => setInitial(null)} />
    </Page>
  );
}
