/** Generated from contracts/butter.yaml by `npm run generate`; edits are lost. */
export interface components {
  schemas: {
    IntegrationId: string;
    PhoneNumberId: string;
    ApiKeyId: string;
    OrganizationId: string;
    Time: string;
    Name: string;
    Cursor: string;
    Pagination: {
      next_cursor: components['schemas']['Cursor'] | null;
      has_more: boolean;
      page_size: number;
      total_count: number;
    };
    Provider: 'segment' | 'twilio';
    Category: 'customer_data' | 'telephony';
    IntegrationStatus: 'active' | 'invalid_credentials';
    EmailEvent:
      | 'drop'
      | 'processed'
      | 'deferred'
      | 'group_unsubscribe'
      | 'bounce'
      | 'delivered'
      | 'click'
      | 'unsubscribe'
      | 'open'
      | 'group_resubscribe'
      | 'spamreport'
      | 'machine_opened';
    Integration: {
      integration_id: components['schemas']['IntegrationId'];
      client_id: components['schemas']['OrganizationId'];
      name: components['schemas']['Name'];
      provider: components['schemas']['Provider'];
      category: components['schemas']['Category'];
      status: components['schemas']['IntegrationStatus'];
      created_at: components['schemas']['Time'];
      updated_at: components['schemas']['Time'];
      settings?: components['schemas']['IntegrationSettings'];
    };
    ListedIntegration: {
      integration_id: components['schemas']['IntegrationId'];
      client_id: components['schemas']['OrganizationId'];
      name: components['schemas']['Name'];
      provider: components['schemas']['Provider'];
      category: components['schemas']['Category'];
      status: components['schemas']['IntegrationStatus'];
      created_at: components['schemas']['Time'];
      updated_at: components['schemas']['Time'];
      delivery?: components['schemas']['DeliverySummary'] | null;
    };
    DeliveryState: 'running' | 'backing_off' | 'paused' | 'not_forwarding';
    DeliverySummary: {
      state: 'running' | 'backing_off' | 'paused';
      waiting_events: number;
      dead_letters: number;
      last_success_at: components['schemas']['Time'] | null;
      last_error: string | null;
      last_error_at: components['schemas']['Time'] | null;
      next_attempt_at: components['schemas']['Time'] | null;
    };
    UnhealthyIntegration: {
      integration_id: components['schemas']['IntegrationId'];
      name: components['schemas']['Name'];
      provider: components['schemas']['Provider'];
      state: 'running' | 'backing_off' | 'paused';
      waiting_events: number;
      dead_letters: number;
      last_success_at: components['schemas']['Time'] | null;
      last_error: string | null;
      last_error_at: components['schemas']['Time'] | null;
      next_attempt_at: components['schemas']['Time'] | null;
    };
    OverviewStep: {
      at: components['schemas']['Time'];
      received: number;
      forwarded: number;
      rejected: number;
      retried: number;
    };
    Overview: {
      totals: {
        integrations: number;
        running: number;
        backing_off: number;
        paused: number;
        waiting_events: number;
        dead_letters: number;
        oldest_waiting_seconds: number | null;
      };
      steps: components['schemas']['OverviewStep'][];
      unhealthy: components['schemas']['UnhealthyIntegration'][];
    };
    OneOverview: { success: true; data: components['schemas']['Overview'] };
    IntegrationSettings: {
      destination_region?: 'EU' | 'US';
      email_events?: components['schemas']['EmailEvent'][];
    };
    IntegrationPage: {
      success: true;
      data: components['schemas']['ListedIntegration'][];
      pagination: components['schemas']['Pagination'];
    };
    OneIntegration: { success: true; data: components['schemas']['Integration'] };
    CreatedIntegration: {
      success: true;
      message: 'Integration created successfully';
      data: components['schemas']['Integration'];
    };
    UpdatedIntegration: {
      success: true;
      message: 'Integration updated successfully';
      data: components['schemas']['Integration'];
    };
    DeletedIntegration: {
      success: true;
      message: 'Integration deleted successfully';
      data: components['schemas']['Integration'];
      moved_phone_numbers?: number;
    };
    DeletedIntegrations: {
      success: true;
      message: string;
      data: components['schemas']['Integration'][];
      moved_phone_numbers?: number;
    };
    IntegrationCreation: {
      name: components['schemas']['Name'];
      credentials: components['schemas']['Credentials'];
      filters?: components['schemas']['Filters'];
      start_from?: components['schemas']['Time'];
    };
    IntegrationChange: {
      name?: components['schemas']['Name'];
      credentials?: components['schemas']['Credentials'];
      filters?: components['schemas']['Filters'];
    };
    Filters: { email_events: components['schemas']['EmailEvent'][] };
    Credentials: components['schemas']['SegmentCredentials'] | components['schemas']['TwilioCredentials'];
    SegmentCredentials: { provider: 'segment'; write_key: string; destination_region: 'EU' | 'US' };
    TwilioCredentials: { provider: 'twilio'; account_sid: string; auth_token: string };
    BulkDeletion: {
      integration_ids: components['schemas']['IntegrationId'][];
      dry_run?: boolean;
      replace_with?: components['schemas']['IntegrationId'];
    };
    IntegrationUsage: {
      success: true;
      data: {
        integration_id: components['schemas']['IntegrationId'];
        can_delete: boolean;
        waiting_events: number;
        references: components['schemas']['Reference'][];
      };
      pagination: components['schemas']['Pagination'];
    };
    Delivery: {
      integration_id: components['schemas']['IntegrationId'];
      state: 'running' | 'backing_off' | 'paused';
      waiting_events: number;
      oldest_waiting_at: components['schemas']['Time'] | null;
      lag_seconds: number;
      missed_events: number;
      dead_letters: number;
      replays: number;
      last_success_at: components['schemas']['Time'] | null;
      last_error: string | null;
      last_error_at: components['schemas']['Time'] | null;
      next_attempt_at: components['schemas']['Time'] | null;
    };
    OneDelivery: { success: true; data: components['schemas']['Delivery'] };
    LogPagination: {
      next_cursor: components['schemas']['Cursor'] | null;
      has_more: boolean;
      page_size: number;
    };
    Attempt: {
      attempt_id: number;
      at: components['schemas']['Time'];
      first_position: number;
      last_position: number;
      events: number;
      outcome: 'delivered' | 'retry' | 'rejected' | 'split';
      status: number | null;
      latency_ms: number;
      answer: string | null;
    };
    AttemptPage: {
      success: true;
      data: components['schemas']['Attempt'][];
      pagination: components['schemas']['LogPagination'];
    };
    DeadLetter: {
      dead_letter_id: number;
      at: components['schemas']['Time'];
      sg_event_id: string;
      event: components['schemas']['EmailEvent'] | null;
      reason: string;
    };
    DeadLetterPage: {
      success: true;
      data: components['schemas']['DeadLetter'][];
      pagination: components['schemas']['LogPagination'];
    };
    DeadLetterCount: { count: number };
    DiscardedDeadLetters: {
      success: true;
      message: 'Dead letters discarded successfully';
      data: components['schemas']['DeadLetterCount'];
    };
    RetriedDeadLetters: {
      success: true;
      message: 'Dead letters are sent again';
      data: components['schemas']['DeadLetterCount'];
    };
    DeadLetterChoice: { dead_letter_ids?: number[] };
    PausedDelivery: { success: true; message: 'Integration paused successfully' };
    ResumedDelivery: { success: true; message: 'Integration resumed successfully' };
    Replay: components['schemas']['ReplayOfRemoved'] | components['schemas']['ReplayOfTime'];
    ReplayOfRemoved: { from_integration: components['schemas']['IntegrationId'] };
    ReplayOfTime: { from: string; to?: string; email_events?: components['schemas']['EmailEvent'][] };
    StartedReplay: { success: true; message: 'Replay started'; data: { events: number } };
    DeliveryStep: {
      at: components['schemas']['Time'];
      received: number;
      forwarded: number;
      rejected: number;
      retried: number;
      latency_ms: { p50: number | null; p95: number | null; p99: number | null };
    };
    DeliveryStats: { success: true; data: components['schemas']['DeliveryStep'][] };
    SentTestEvent: { success: true; data: components['schemas']['TestEventResult'] };
    TestEventResult: {
      sg_event_id: string;
      outcome: 'delivered' | 'retry' | 'rejected';
      status: number | null;
      reason: string | null;
      answer: string;
      latency_ms: number;
    };
    EventSourceId: string;
    PublicKey: string | null;
    EventSource: {
      source_id: components['schemas']['EventSourceId'];
      client_id: components['schemas']['OrganizationId'];
      name: components['schemas']['Name'];
      kind: 'sendgrid';
      url: string;
      public_key: components['schemas']['PublicKey'];
      created_at: components['schemas']['Time'];
      updated_at: components['schemas']['Time'];
    };
    EventSourcePage: {
      success: true;
      data: components['schemas']['EventSource'][];
      pagination: components['schemas']['Pagination'];
    };
    OneEventSource: { success: true; data: components['schemas']['EventSource'] };
    CreatedEventSource: {
      success: true;
      message: 'Event source created successfully';
      data: components['schemas']['EventSource'];
    };
    UpdatedEventSource: {
      success: true;
      message: 'Event source updated successfully';
      data: components['schemas']['EventSource'];
    };
    DeletedEventSource: {
      success: true;
      message: 'Event source deleted successfully';
      data: components['schemas']['EventSource'];
    };
    EventSourceCreation: {
      name: components['schemas']['Name'];
      kind: 'sendgrid';
      public_key?: components['schemas']['PublicKey'];
    };
    EventSourceChange: {
      name?: components['schemas']['Name'];
      public_key?: components['schemas']['PublicKey'];
    };
    FollowedEvent: {
      sg_event_id: string;
      event: components['schemas']['EmailEvent'] | null;
      accepted_at: components['schemas']['Time'];
      received: number;
      integrations: components['schemas']['EventFate'][];
    };
    EventFate: {
      integration_id: components['schemas']['IntegrationId'];
      fate: 'delivered' | 'waiting' | 'dead' | 'filtered_out' | 'integration_deleted';
      reason: string | null;
    };
    OneEvent: { success: true; data: components['schemas']['FollowedEvent'] };
    Reference: {
      type: 'phone_number';
      phone_number_id: components['schemas']['PhoneNumberId'];
      phone_number: components['schemas']['E164'];
      display: string;
      status: components['schemas']['PhoneNumberStatus'];
    };
    E164: string;
    PhoneNumberStatus: 'free' | 'assigned';
    AgentId: string;
    PhoneNumber: {
      phone_number_id: components['schemas']['PhoneNumberId'];
      phone_number: components['schemas']['E164'];
      provider: 'twilio' | 'sip';
      status: components['schemas']['PhoneNumberStatus'];
      supports_inbound: boolean;
      supports_outbound: boolean;
      integration_id: components['schemas']['IntegrationId'] | null;
      assigned_agent_id: components['schemas']['AgentId'] | null;
      created_at: components['schemas']['Time'];
      updated_at: components['schemas']['Time'];
    };
    PhoneNumberPage: {
      success: true;
      data: components['schemas']['PhoneNumber'][];
      pagination: components['schemas']['Pagination'];
    };
    OnePhoneNumber: { success: true; data: components['schemas']['PhoneNumber'] };
    ImportedPhoneNumber: {
      success: true;
      message:
        | 'Phone number imported successfully with twilio'
        | 'Phone number imported successfully with sip';
      data: components['schemas']['PhoneNumber'];
    };
    UpdatedPhoneNumber: {
      success: true;
      message: 'Phone number updated successfully';
      data: components['schemas']['PhoneNumber'];
    };
    DeletedPhoneNumber: {
      success: true;
      message: 'Phone number deleted successfully';
      data: components['schemas']['PhoneNumber'];
    };
    PhoneNumberImport:
      | components['schemas']['TwilioPhoneNumberImport']
      | components['schemas']['SipPhoneNumberImport'];
    TwilioPhoneNumberImport: {
      phone_number: components['schemas']['E164'];
      provider: 'twilio';
      supports_inbound?: boolean;
      supports_outbound?: boolean;
      integration_id: components['schemas']['IntegrationId'];
    };
    SipPhoneNumberImport: {
      phone_number: components['schemas']['E164'];
      provider: 'sip';
      supports_inbound?: boolean;
      supports_outbound?: boolean;
      sip_trunk_name?: components['schemas']['SipText'];
      sip_username?: components['schemas']['SipText'];
      sip_password?: components['schemas']['SipText'];
      sip_server_address?: components['schemas']['SipText'];
      inbound_room_name?: components['schemas']['SipText'];
      inbound_pin?: string;
      media_encryption?: 'disable' | 'allow' | 'require';
    };
    SipText: string;
    PhoneNumberChange: {
      supports_inbound?: boolean;
      supports_outbound?: boolean;
      integration_id?: components['schemas']['IntegrationId'];
      assigned_agent_id?: components['schemas']['AgentId'] | null;
    };
    Role: 'admin' | 'agent_manager' | 'user';
    ApiKey: {
      key_id: components['schemas']['ApiKeyId'];
      name: components['schemas']['Name'];
      role: components['schemas']['Role'];
      prefix: string;
      client_id: components['schemas']['OrganizationId'];
      user_id: string;
      status: 'active' | 'revoked';
      created_at: components['schemas']['Time'];
      last_used_at: components['schemas']['Time'] | null;
      expires_at: components['schemas']['Time'] | null;
    };
    ApiKeyList: { success: true; data: components['schemas']['ApiKey'][] };
    ApiKeyCreation: {
      name: components['schemas']['Name'];
      role: components['schemas']['Role'];
      expires_at?: string | null;
    };
    CreatedApiKey: { raw_key: string; key: components['schemas']['ApiKey'] };
    RevokedApiKey: { success: true; message: 'API key revoked successfully' };
    AuditEntry: {
      entry_id: number;
      at: components['schemas']['Time'];
      actor: { type: string; id: string; client_id: components['schemas']['OrganizationId'] };
      request_id: string;
      action: string;
      target: { type: string; id: string };
      details: { [name: string]: unknown };
    };
    AuditPage: {
      success: true;
      data: components['schemas']['AuditEntry'][];
      pagination: components['schemas']['Pagination'];
    };
    AuditLines: components['schemas']['AuditEntry'][];
    ProviderList: {
      success: true;
      data: {
        provider: components['schemas']['Provider'];
        title: string;
        category: components['schemas']['Category'];
        accepts_email_events: boolean;
        referred_to_by: ('twilio_phone_numbers' | 'sip_phone_numbers')[];
        verifies_credentials: boolean;
        credentials_schema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema';
          type: 'object';
          properties: { [name: string]: { [name: string]: unknown } };
          required: string[];
        };
      }[];
    };
    Contract: {
      openapi: string;
      info: { title: string; version: string };
      servers: { [name: string]: unknown }[];
      security: { [name: string]: unknown }[];
      tags: { [name: string]: unknown }[];
      paths: { [name: string]: unknown };
      components: { [name: string]: unknown };
    };
    MalformedError: { detail: 'Malformed request' };
    BadCursorError: { detail: 'Invalid cursor' | 'Malformed request' };
    UnauthorizedError: { detail: 'API key required' | 'Invalid API key' };
    SessionExpiredError: { detail: 'The session has expired'; code: 'session_expired' };
    SessionRefusedError: {
      detail: 'CSRF token missing or invalid' | 'Request from another site';
      code: 'csrf_token_invalid' | 'cross_site_request';
    };
    WrongOrganizationError: { detail: 'API key does not belong to this organization' };
    ForbiddenError: {
      detail:
        | 'API key does not belong to this organization'
        | 'Missing permission: integrations:create'
        | 'Missing permission: integrations:read'
        | 'Missing permission: integrations:update'
        | 'Missing permission: integrations:delete'
        | 'Missing permission: phone_numbers:create'
        | 'Missing permission: phone_numbers:read'
        | 'Missing permission: phone_numbers:update'
        | 'Missing permission: phone_numbers:delete'
        | 'Missing permission: audit_log:read';
    };
    KeyManagementError: {
      detail:
        | 'API key does not belong to this organization'
        | 'Only admins and agent managers can create API keys'
        | 'Only admins and agent managers can list API keys'
        | 'Only admins and agent managers can revoke API keys'
        | 'API keys of a role above your own cannot be created or revoked';
    };
    IntegrationNotFoundError: { detail: 'Integration not found' };
    EventSourceNotFoundError: { detail: 'Event source not found' };
    PhoneNumberNotFoundError: { detail: 'Phone number not found' };
    PhoneNumberOrIntegrationNotFoundError: { detail: 'Phone number not found' | 'Integration not found' };
    ApiKeyNotFoundError: { detail: 'API key not found or does not belong to this organization' };
    ResourceNotFoundError: { detail: 'Not Found' };
    MethodNotAllowedError: { detail: 'Method Not Allowed' };
    RequestTimeoutError: { detail: 'The request did not arrive in time' };
    IntegrationInUseError: { detail: components['schemas']['InUseMessage'] };
    InUseMessage: string;
    BulkNotFoundError: {
      detail: string;
      errors: (components['schemas']['NotFoundOffender'] | components['schemas']['InUseOffender'])[];
    };
    BulkInUseError: { detail: string; errors: components['schemas']['InUseOffender'][] };
    NotFoundOffender: {
      integration_id: components['schemas']['IntegrationId'];
      reason: 'not_found';
      message: 'Integration not found';
    };
    InUseOffender: {
      integration_id: components['schemas']['IntegrationId'];
      reason: 'in_use';
      message: components['schemas']['InUseMessage'];
      phone_numbers: components['schemas']['E164'][];
      total_phone_numbers: number;
    };
    IntegrationLimitError: { detail: string };
    PhoneNumberTakenError: { detail: 'Phone number already exists' };
    IntegrationChangedError: { detail: 'Integration was changed since it was read' };
    PayloadTooLargeError: { detail: 'The request body is too large' };
    UriTooLongError: { detail: 'The request URL is too long' };
    UnsupportedMediaTypeError: { detail: 'Content-Type should be application/json' };
    InputErrors: {
      detail: {
        type:
          | 'missing'
          | 'string_type'
          | 'bool_type'
          | 'float_type'
          | 'int_type'
          | 'list_type'
          | 'model_attributes_type'
          | 'string_too_short'
          | 'string_too_long'
          | 'string_pattern_mismatch'
          | 'too_short'
          | 'too_long'
          | 'greater_than_equal'
          | 'less_than_equal'
          | 'enum'
          | 'value_error';
        loc: (string | number)[];
        msg: string;
        input: null;
      }[];
    };
    RateLimitedError: { detail: 'Rate limit exceeded' };
    HeadersTooLargeError: { detail: 'The request headers are too large' };
    InternalServerError: { detail: 'Internal Server Error' };
    IdentityProviderError: { detail: 'The identity provider does not answer' };
  };
  responses: {
    BadRequest: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['MalformedError'] };
    };
    BadCursor: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['BadCursorError'] };
    };
    Unauthorized: {
      headers: { [name: string]: unknown };
      content: {
        'application/json':
          | components['schemas']['UnauthorizedError']
          | components['schemas']['SessionExpiredError'];
      };
    };
    Forbidden: {
      headers: { [name: string]: unknown };
      content: {
        'application/json':
          | components['schemas']['ForbiddenError']
          | components['schemas']['SessionRefusedError'];
      };
    };
    WrongOrganization: {
      headers: { [name: string]: unknown };
      content: {
        'application/json':
          | components['schemas']['WrongOrganizationError']
          | components['schemas']['SessionRefusedError'];
      };
    };
    KeyManagementRefused: {
      headers: { [name: string]: unknown };
      content: {
        'application/json':
          | components['schemas']['KeyManagementError']
          | components['schemas']['SessionRefusedError'];
      };
    };
    IntegrationNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['IntegrationNotFoundError'] };
    };
    IntegrationsNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['BulkNotFoundError'] };
    };
    EventSourceNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['EventSourceNotFoundError'] };
    };
    PhoneNumberNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['PhoneNumberNotFoundError'] };
    };
    PhoneNumberOrIntegrationNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['PhoneNumberOrIntegrationNotFoundError'] };
    };
    ApiKeyNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['ApiKeyNotFoundError'] };
    };
    ResourceNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['ResourceNotFoundError'] };
    };
    MethodNotAllowed: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['MethodNotAllowedError'] };
    };
    RequestTimeout: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['RequestTimeoutError'] };
    };
    IntegrationInUse: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['IntegrationInUseError'] };
    };
    IntegrationsInUse: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['BulkInUseError'] };
    };
    IntegrationLimit: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['IntegrationLimitError'] };
    };
    PhoneNumberTaken: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['PhoneNumberTakenError'] };
    };
    IntegrationChanged: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['IntegrationChangedError'] };
    };
    PayloadTooLarge: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['PayloadTooLargeError'] };
    };
    UriTooLong: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['UriTooLongError'] };
    };
    UnsupportedMediaType: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['UnsupportedMediaTypeError'] };
    };
    InvalidInput: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['InputErrors'] };
    };
    UnusableDeletion: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['InputErrors'] };
    };
    RateLimited: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['RateLimitedError'] };
    };
    HeadersTooLarge: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['HeadersTooLargeError'] };
    };
    InternalError: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['InternalServerError'] };
    };
    IdentityProviderUnavailable: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['IdentityProviderError'] };
    };
  };
}
export interface paths {
  '/api/integrations': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: {
          search?: string;
          provider?: string[];
          category?: string;
          status?: components['schemas']['IntegrationStatus'];
          state?: components['schemas']['DeliveryState'][];
          sort?: 'created_at' | '-created_at' | 'name' | '-name' | 'waiting' | '-waiting' | 'health';
          include?: 'delivery';
          limit?: number;
          cursor?: components['schemas']['Cursor'];
        };
        header?: { 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['IntegrationPage'] };
        };
        400: components['responses']['BadCursor'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['IntegrationCreation'] } };
      responses: {
        201: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['CreatedIntegration'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        409: components['responses']['IntegrationLimit'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/bulk-delete': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['BulkDeletion'] } };
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['DeletedIntegrations'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationsNotFound'];
        408: components['responses']['RequestTimeout'];
        409: components['responses']['IntegrationsInUse'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['UnusableDeletion'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { include?: 'settings' };
        header?: { 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['OneIntegration'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    put: {
      parameters: {
        query?: never;
        header?: { 'If-Match'?: string; 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['IntegrationChange'] } };
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['UpdatedIntegration'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        412: components['responses']['IntegrationChanged'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    delete: {
      parameters: {
        query?: { dry_run?: boolean; replace_with?: components['schemas']['IntegrationId'] };
        header?: { 'If-Match'?: string; 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['DeletedIntegration'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        409: components['responses']['IntegrationInUse'];
        412: components['responses']['IntegrationChanged'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['UnusableDeletion'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/usage': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { limit?: number; cursor?: components['schemas']['Cursor'] };
        header?: { 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['IntegrationUsage'] };
        };
        400: components['responses']['BadCursor'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/delivery': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: never;
        header?: { 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['OneDelivery'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/attempts': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { limit?: number; cursor?: components['schemas']['Cursor'] };
        header?: { 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['AttemptPage'] };
        };
        400: components['responses']['BadCursor'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/dead-letters': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { limit?: number; cursor?: components['schemas']['Cursor'] };
        header?: { 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['DeadLetterPage'] };
        };
        400: components['responses']['BadCursor'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    delete: {
      parameters: {
        query?: { ids?: number[] };
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['DiscardedDeadLetters'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/dead-letters/retry': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: { content: { 'application/json': components['schemas']['DeadLetterChoice'] } };
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['RetriedDeadLetters'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/pause': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['PausedDelivery'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/resume': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['ResumedDelivery'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/replay': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['Replay'] } };
      responses: {
        202: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['StartedReplay'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/stats': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query: { from: string; to?: string; step?: number };
        header?: { 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['DeliveryStats'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/integrations/{integration_id}/test': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    post: {
      parameters: {
        query?: never;
        header?: { 'X-Request-Id'?: string };
        path: { integration_id: components['schemas']['IntegrationId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['SentTestEvent'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/overview': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { from?: string; to?: string; step?: number };
        header?: { 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['OneOverview'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/event-sources': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { limit?: number; cursor?: components['schemas']['Cursor'] };
        header?: { 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['EventSourcePage'] };
        };
        400: components['responses']['BadCursor'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['EventSourceCreation'] } };
      responses: {
        201: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['CreatedEventSource'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/event-sources/{source_id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: never;
        header?: { 'X-Request-Id'?: string };
        path: { source_id: components['schemas']['EventSourceId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['OneEventSource'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['EventSourceNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    put: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { source_id: components['schemas']['EventSourceId'] };
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['EventSourceChange'] } };
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['UpdatedEventSource'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['EventSourceNotFound'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    delete: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { source_id: components['schemas']['EventSourceId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['DeletedEventSource'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['EventSourceNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/events/{sg_event_id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: never;
        header?: { 'X-Request-Id'?: string };
        path: { sg_event_id: string };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['OneEvent'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['ResourceNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/phone-numbers': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: {
          status?: components['schemas']['PhoneNumberStatus'];
          integration_id?: components['schemas']['IntegrationId'];
          limit?: number;
          cursor?: components['schemas']['Cursor'];
        };
        header?: { 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['PhoneNumberPage'] };
        };
        400: components['responses']['BadCursor'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['PhoneNumberImport'] } };
      responses: {
        201: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['ImportedPhoneNumber'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['IntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        409: components['responses']['PhoneNumberTaken'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/phone-numbers/{phone_number_id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: never;
        header?: { 'X-Request-Id'?: string };
        path: { phone_number_id: components['schemas']['PhoneNumberId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['OnePhoneNumber'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['PhoneNumberNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    put: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { phone_number_id: components['schemas']['PhoneNumberId'] };
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['PhoneNumberChange'] } };
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['UpdatedPhoneNumber'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['PhoneNumberOrIntegrationNotFound'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    delete: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { phone_number_id: components['schemas']['PhoneNumberId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['DeletedPhoneNumber'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        404: components['responses']['PhoneNumberNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/api-keys': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: { 'X-Request-Id'?: string }; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['ApiKeyList'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['KeyManagementRefused'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
        503: components['responses']['IdentityProviderUnavailable'];
      };
    };
    post: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody: { content: { 'application/json': components['schemas']['ApiKeyCreation'] } };
      responses: {
        201: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['CreatedApiKey'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['KeyManagementRefused'];
        408: components['responses']['RequestTimeout'];
        413: components['responses']['PayloadTooLarge'];
        414: components['responses']['UriTooLong'];
        415: components['responses']['UnsupportedMediaType'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
        503: components['responses']['IdentityProviderUnavailable'];
      };
    };
  };
  '/api/api-keys/{key_id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    delete: {
      parameters: {
        query?: never;
        header?: { 'Idempotency-Key'?: string; 'X-Request-Id'?: string };
        path: { key_id: components['schemas']['ApiKeyId'] };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['RevokedApiKey'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['KeyManagementRefused'];
        404: components['responses']['ApiKeyNotFound'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
        503: components['responses']['IdentityProviderUnavailable'];
      };
    };
  };
  '/api/audit-log': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: {
          target_id?: string;
          target_type?: 'organization' | 'integration' | 'api_key' | 'phone_number' | 'event_source';
          action?: string;
          actor?: string;
          from?: string;
          to?: string;
          limit?: number;
          cursor?: components['schemas']['Cursor'];
        };
        header?: { 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['AuditPage'] };
        };
        400: components['responses']['BadCursor'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/audit-log/export': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: {
          target_id?: string;
          target_type?: 'organization' | 'integration' | 'api_key' | 'phone_number' | 'event_source';
          action?: string;
          actor?: string;
          from?: string;
          to?: string;
        };
        header?: { 'X-Request-Id'?: string };
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/x-ndjson': components['schemas']['AuditLines'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/providers': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: { 'X-Request-Id'?: string }; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['ProviderList'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['Unauthorized'];
        403: components['responses']['WrongOrganization'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        422: components['responses']['InvalidInput'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/api/openapi.json': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: { 'X-Request-Id'?: string }; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['Contract'] };
        };
        400: components['responses']['BadRequest'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
}
