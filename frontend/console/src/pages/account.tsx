// One's own password and one-time code; also the forced change at the first sign-in.
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { meQuery, queryClient, useMe, useWords } from "../session.ts";
import { Brand } from "../shell.tsx";
import { Facts, Page, Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ErrorBox } from "../ui/states.tsx";

interface PasswordValues {
  old: string;
  new: string;
  again: string;
}

function PasswordForm({ onDone }: { onDone: () => void }) {
  const w = useWords();
  const a = w.account;
  const [form] = Form.useForm<PasswordValues>();
  const change = useMutation({
    mutationFn: (v: PasswordValues) => api.setPassword({ old_password: v.old, new_password: v.new }),
    onSuccess: () => {
      form.resetFields();
      onDone();
    },
  });
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      className="narrow"
      onFinish={(v) => change.mutate(v)}
    >
      <Form.Item name="old" label={a.old} rules={[{ required: true, message: w.common.required }]}>
        <Input.Password autoComplete="current-password" visibilityToggle={false} />
      </Form.Item>
      <Form.Item
        name="new"
        label={a.new}
        extra={a.rule}
        rules={[{ required: true, message: w.common.required }]}
      >
        <Input.Password autoComplete="new-password" visibilityToggle={false} />
      </Form.Item>
      <Form.Item
        name="again"
        label={a.again}
        dependencies={["new"]}
        rules={[
          { required: true, message: w.common.required },
          ({ getFieldValue }) => ({
            validator: (_, value: string) =>
              value === getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error(a.differs)),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" visibilityToggle={false} />
      </Form.Item>
      <ErrorBox error={change.error} />
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {a.save}
      </Button>
    </Form>
  );
}

function Totp() {
  const w = useWords();
  const a = w.account;
  const notice = useNotice();
  const start = useMutation({ mutationFn: api.startTotp });
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const confirm = useMutation({
    onSettled: () => refresh(),
    mutationFn: () => api.confirmTotp(code.trim()),
    onSuccess: () => {
      notice(a.totpDone);
      start.reset();
      setCode("");
    },
  });
  const remove = useMutation({
    onSettled: () => refresh(),
    mutationFn: () => api.removeTotp(password),
    onSuccess: () => {
      notice(a.totpRemoved);
      setPassword("");
    },
  });
  const on = useMe().user.totp_on;
  const refresh = () => queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
  return (
    <div className="stack narrow">
      <p>{on ? a.totpOn : a.totpDetail}</p>
      {on ? null : start.data ? (
        <>
          <p>{a.totpScan}</p>
          <p>
            <code className="secret">{start.data.secret}</code>
          </p>
          <label>
            {a.totpCode}
            <input
              className="input num"
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={(e) => setCode(e.target.value)}
            />
          </label>
          <ErrorBox error={confirm.error} />
          <div>
            <Button type="primary" loading={confirm.isPending} onClick={() => confirm.mutate()}>
              {a.totpConfirm}
            </Button>
          </div>
        </>
      ) : (
        <div>
          <ErrorBox error={start.error} />
          <Button loading={start.isPending} onClick={() => start.mutate()}>
            {a.totpStart}
          </Button>
        </div>
      )}
      {on === false ? null : (
        <details>
          <summary>{a.totpRemove}</summary>
          <label>
            {a.totpRemoveDetail}
            <input
              className="input"
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(e) => setPassword(e.target.value)}
            />
          </label>
          <ErrorBox error={remove.error} />
          <Button danger loading={remove.isPending} onClick={() => remove.mutate()}>
            {a.totpRemove}
          </Button>
        </details>
      )}
    </div>
  );
}

export function AccountPage() {
  const w = useWords();
  const me = useMe();
  const notice = useNotice();
  return (
    <Page title={w.account.title} sub={`${me.user.name} · ${me.unit.name}`}>
      <Panel>
        <Facts
          items={[
            [w.users.login, me.user.login],
            [w.common.unit, me.unit.name],
            [w.account.roles, me.roles.map((r) => r.name).join("、")],
          ]}
        />
      </Panel>
      <div className="columns">
        <Panel title={w.account.password}>
          <PasswordForm onDone={() => notice(w.account.done)} />
        </Panel>
        <Panel title={w.account.totp}>
          <Totp />
        </Panel>
      </div>
    </Page>
  );
}

export function FirstPasswordPage() {
  const w = useWords();
  const navigate = useNavigate();
  return (
    <main className="sign-in">
      <div className="sign-in-box">
        <Brand />
        <h1>{w.account.firstTitle}</h1>
        <p className="hint">{w.account.firstDetail}</p>
        <PasswordForm
          onDone={async () => {
            await queryClient.invalidateQueries({ queryKey: meQuery.queryKey, refetchType: "none" });
            await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
            navigate({ to: "/" });
          }}
        />
      </div>
    </main>
  );
}
