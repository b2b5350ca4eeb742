/** What a branch consists of, and where branches are. Shares are of the devices that aren't routers or ISP links. */
export type Kind = {
  readonly type: string
  /** In a name: `Batumi 3 ATM 2`. */
  readonly title: string
  readonly georgian: string
  readonly share: number
  readonly makes: readonly Make[]
}

export type Make = { readonly vendor: string; readonly model: string; readonly objectId: string }

const CISCO = '1.3.6.1.4.1.9.1'
const LINUX = '1.3.6.1.4.1.8072.3.2.10'

export const ROUTER: Kind = {
  type: 'router',
  title: 'Router',
  georgian: 'როუტერი',
  share: 0,
  makes: [
    { vendor: 'Cisco', model: 'ISR 4331', objectId: `${CISCO}.2068` },
    { vendor: 'Fortinet', model: 'FortiGate 60F', objectId: '1.3.6.1.4.1.12356.101.1.643' },
    { vendor: 'MikroTik', model: 'CCR1009', objectId: '1.3.6.1.4.1.14988.1' },
  ],
}

export const ISP_LINK: Kind = {
  type: 'isp-link',
  title: 'ISP',
  georgian: 'პროვაიდერი',
  share: 0,
  makes: [
    { vendor: 'MikroTik', model: 'hEX S', objectId: '1.3.6.1.4.1.14988.1' },
    { vendor: 'Huawei', model: 'AR161', objectId: '1.3.6.1.4.1.2011.2.224.145' },
  ],
}

export const SWITCH: Kind = {
  type: 'switch',
  title: 'Switch',
  georgian: 'სვიჩი',
  share: 0.22,
  makes: [
    { vendor: 'Cisco', model: 'Catalyst 2960X', objectId: `${CISCO}.1208` },
    { vendor: 'HP', model: 'Aruba 2530', objectId: '1.3.6.1.4.1.11.2.3.7.11.143' },
  ],
}

/** In the order in which they get SNMP. */
export const EQUIPMENT: readonly Kind[] = [
  {
    type: 'ups',
    title: 'UPS',
    georgian: 'უპს',
    share: 0.07,
    makes: [
      { vendor: 'APC', model: 'Smart-UPS 1500', objectId: '1.3.6.1.4.1.318.1.3.27' },
      { vendor: 'Eaton', model: '9PX', objectId: '1.3.6.1.4.1.534.1' },
    ],
  },
  {
    type: 'server',
    title: 'Server',
    georgian: 'სერვერი',
    share: 0.04,
    makes: [{ vendor: 'Dell', model: 'PowerEdge T150', objectId: LINUX }],
  },
  {
    type: 'nvr',
    title: 'NVR',
    georgian: 'ვიდეოჩამწერი',
    share: 0.15,
    makes: [
      { vendor: 'Hikvision', model: 'DS-7616', objectId: '1.3.6.1.4.1.39165.1' },
      { vendor: 'Dahua', model: 'NVR4216', objectId: '1.3.6.1.4.1.1004849.2' },
    ],
  },
  {
    type: 'atm',
    title: 'ATM',
    georgian: 'ბანკომატი',
    share: 0.22,
    makes: [
      { vendor: 'NCR', model: 'SelfServ 80', objectId: LINUX },
      { vendor: 'Diebold Nixdorf', model: 'DN 200', objectId: LINUX },
    ],
  },
  {
    type: 'paybox',
    title: 'Paybox',
    georgian: 'ფეიბოქსი',
    share: 0.14,
    makes: [{ vendor: 'Payway', model: 'P-17', objectId: LINUX }],
  },
  {
    type: 'biometric',
    title: 'Biometric',
    georgian: 'ბიომეტრია',
    share: 0.12,
    makes: [{ vendor: 'ZKTeco', model: 'SpeedFace V5L', objectId: LINUX }],
  },
  {
    type: 'access-point',
    title: 'AP',
    georgian: 'ვაიფაი',
    share: 0.04,
    makes: [{ vendor: 'Ubiquiti', model: 'U6 Pro', objectId: '1.3.6.1.4.1.41112.1.6' }],
  },
]

export type Region = {
  readonly name: string
  readonly towns: readonly (readonly [string, string])[]
}

/** Towns in Latin and in Georgian letters. */
export const REGIONS: readonly Region[] = [
  {
    name: 'Tbilisi',
    towns: [
      ['Saburtalo', 'საბურთალო'],
      ['Vake', 'ვაკე'],
      ['Gldani', 'გლდანი'],
    ],
  },
  {
    name: 'Adjara',
    towns: [
      ['Batumi', 'ბათუმი'],
      ['Kobuleti', 'ქობულეთი'],
    ],
  },
  {
    name: 'Imereti',
    towns: [
      ['Kutaisi', 'ქუთაისი'],
      ['Zestaponi', 'ზესტაფონი'],
    ],
  },
  {
    name: 'Kakheti',
    towns: [
      ['Telavi', 'თელავი'],
      ['Sighnaghi', 'სიღნაღი'],
    ],
  },
  {
    name: 'Kvemo Kartli',
    towns: [
      ['Rustavi', 'რუსთავი'],
      ['Marneuli', 'მარნეული'],
    ],
  },
  {
    name: 'Shida Kartli',
    towns: [
      ['Gori', 'გორი'],
      ['Khashuri', 'ხაშური'],
    ],
  },
  {
    name: 'Samegrelo',
    towns: [
      ['Zugdidi', 'ზუგდიდი'],
      ['Poti', 'ფოთი'],
    ],
  },
  {
    name: 'Samtskhe-Javakheti',
    towns: [
      ['Akhaltsikhe', 'ახალციხე'],
      ['Borjomi', 'ბორჯომი'],
    ],
  },
  { name: 'Guria', towns: [['Ozurgeti', 'ოზურგეთი']] },
  {
    name: 'Mtskheta-Mtianeti',
    towns: [
      ['Mtskheta', 'მცხეთა'],
      ['Dusheti', 'დუშეთი'],
    ],
  },
]
