/** Generated from contracts/session.yaml by `npm run generate`; edits are lost. */
export interface components {
  schemas: {
    Role: 'admin' | 'agent_manager' | 'user';
    Permission: string;
    Session: {
      csrf_token: string;
      expires_at: string;
      sign_in: 'api_key' | 'openid_connect';
      user: { id: string; name: string | null };
      organizations: components['schemas']['SessionOrganization'][];
    };
    SessionOrganization: {
      organization_id: string;
      name: string | null;
      role: components['schemas']['Role'];
      permissions: components['schemas']['Permission'][];
    };
    SessionAnswer: { success: true; message?: string; data: components['schemas']['Session'] };
    MethodsAnswer: { success: true; data: { api_key: boolean; openid_connect: boolean } };
    Error: { success: false; code: string; message: string; errors?: { field: string; message: string }[] };
  };
  responses: {
    BadRequest: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'malformed_request' } };
    };
    CredentialsInvalid: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'credentials_invalid' } };
    };
    SessionExpired: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'session_expired' } };
    };
    Forbidden: {
      headers: { [name: string]: unknown };
      content: {
        'application/json': components['schemas']['Error'] & {
          code?: 'cross_site_request' | 'csrf_token_invalid';
        };
      };
    };
    ResourceNotFound: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'route_not_found' } };
    };
    MethodNotAllowed: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'method_not_allowed' } };
    };
    RequestTimeout: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'request_timeout' } };
    };
    PayloadTooLarge: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'payload_too_large' } };
    };
    UriTooLong: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'uri_too_long' } };
    };
    UnsupportedMediaType: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'unsupported_media_type' } };
    };
    InvalidInput: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'invalid_request' } };
    };
    RateLimited: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'rate_limited' } };
    };
    HeadersTooLarge: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'headers_too_large' } };
    };
    InternalError: {
      headers: { [name: string]: unknown };
      content: { 'application/json': components['schemas']['Error'] & { code?: 'internal' } };
    };
  };
}
export interface paths {
  '/session': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['SessionAnswer'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['SessionExpired'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': { api_key: string } } };
      responses: {
        201: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['SessionAnswer'] };
        };
        400: components['responses']['BadRequest'];
        401: components['responses']['CredentialsInvalid'];
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
    delete: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never };
        400: components['responses']['BadRequest'];
        401: components['responses']['SessionExpired'];
        403: components['responses']['Forbidden'];
        408: components['responses']['RequestTimeout'];
        414: components['responses']['UriTooLong'];
        429: components['responses']['RateLimited'];
        431: components['responses']['HeadersTooLarge'];
        500: components['responses']['InternalError'];
      };
    };
  };
  '/session/methods': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': components['schemas']['MethodsAnswer'] };
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
  '/session/openapi.json': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: {
          headers: { [name: string]: unknown };
          content: { 'application/json': { [name: string]: unknown } };
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
