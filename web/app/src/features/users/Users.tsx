import { UserAddOutlined } from "@ant-design/icons";
import { Button, Empty, Select, Skeleton, Table, type TableColumnsType } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { Failure } from "../../ui/Failure.tsx";
import { formatAgo } from "../../ui/format.ts";
import { SearchBox } from "../../ui/SearchBox.tsx";
import { useAddress } from "../../ui/useAddress.ts";
import { CreateUserDialog } from "./CreateUserDialog.tsx";
import { type Account, filtersOf, STATES, useRoles, useUsers } from "./queries.ts";
import { UserMenu } from "./UserMenu.tsx";

/** Accounts: who there is, in which role, and how they stand. */
export function Users() {
  const { t, i18n } = useTranslation();
  const { can } = useAuth();
  const [parameters, change] = useAddress();
  const filters = useMemo(() => filtersOf(parameters), [parameters]);
  const [creating, setCreating] = useState(false);
  const list = useUsers(filters);
  const roles = useRoles();
  const users = list.data?.pages.flatMap((page) => page.users) ?? [];
  const filtered = Boolean(filters.email || filters.role || filters.state);
  const columns: TableColumnsType<Account> = [
    {
      title: t("users.email"),
      key: "email",
      render: (_, user) => (
        <div className="two-lines">
          <span>{user.email}</span>
          {user.display_name && <span className="muted">{user.display_name}</span>}
        </div>
      ),
    },
    { title: t("users.role"), dataIndex: "role", width: 130 },
    {
      title: t("video.status"),
      key: "state",
      width: 140,
      responsive: ["sm"],
      render: (_, user) => (
        <span className={`status ${LOOKS[user.state]}`} title={user.suspended_reason ?? ""}>
          {t(`users.state.${user.state}`)}
        </span>
      ),
    },
    {
      title: t("video.created"),
      key: "created",
      width: 150,
      responsive: ["md"],
      render: (_, user) => (
        <time dateTime={user.created_at}>{formatAgo(user.created_at, i18n.language)}</time>
      ),
    },
    {
      title: <span className="visually-hidden">{t("video.menu")}</span>,
      key: "menu",
      width: 56,
      render: (_, user) => <UserMenu user={user} />,
    },
  ];
  return (
    <>
      <search className="filters">
        <SearchBox value={filters.email} label={t("users.search")} onChange={(email) => change({ email })} />
        <Select
          aria-label={t("users.role")}
          value={filters.role}
          onChange={(role) => change({ role })}
          allowClear
          placeholder={t("users.role")}
          options={roles.data?.roles.map(({ role }) => ({ value: role, label: role })) ?? []}
        />
        <Select
          aria-label={t("video.status")}
          value={filters.state}
          onChange={(state) => change({ state })}
          allowClear
          placeholder={t("video.status")}
          options={STATES.map((value) => ({ value, label: t(`users.state.${value}`) }))}
        />
        <span className="grow" />
        {can("users.create") && (
          <Button type="primary" icon={<UserAddOutlined />} onClick={() => setCreating(true)}>
            {t("users.create")}
          </Button>
        )}
      </search>
      {list.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {list.error && !list.data && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && !users.length && !list.hasNextPage && (
        <Empty description={t("users.noMatch")}>
          {filtered && (
            <Button onClick={() => change({ email: "", role: undefined, state: undefined })}>
              {t("library.clear")}
            </Button>
          )}
        </Empty>
      )}
      {users.length > 0 && (
        <Table<Account>
          rowKey="user_id"
          columns={columns}
          dataSource={users}
          pagination={false}
          size="middle"
          aria-label={t("staff.users")}
          onRow={(user) => ({ "data-user": user.email }) as object}
        />
      )}
      {list.hasNextPage && (
        <div className="center padded">
          <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            {t("more")}
          </Button>
        </div>
      )}
      {creating && <CreateUserDialog onClose={() => setCreating(false)} />}
    </>
  );
}

const LOOKS = { active: "completed", unverified: "pending", suspended: "failed" } as const;
