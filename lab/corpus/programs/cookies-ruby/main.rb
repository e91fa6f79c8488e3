# A site on each framework of Ruby: GET / visits, POST /login gives a user a session, GET /account uses it, POST /logout ends it.
require 'rack'
require 'webrick'

framework, variant = ARGV
SECRET = 'a secret of the corpus, of thirty-two letters and more than sixty-four of them'
MINUTES = 30
options = {
  'default' => {}, 'aged' => { expire_after: MINUTES * 60, secure: true, same_site: :lax },
  'hardened' => { secure: true, httponly: true, same_site: :strict }
}[variant]

answer = lambda do |session, path, reset|
  session['visits'] = 1 if path == '/'
  session['user'] = 'ann' if path == '/login'
  session['user'] if path == '/account'
  reset.call if path == '/logout'
  [path == '/login' ? 302 : 200, { 'Content-Type' => 'text/plain', 'Location' => '/account' }, ['shop']]
end

sites = {
  'rack' => lambda do
    app = ->(env) { answer.call(env['rack.session'], env['PATH_INFO'], -> { env['rack.session.options'][:drop] = true }) }
    Rack::Session::Cookie.new(app, { secret: SECRET }.merge(options))
  end,
  'rack-pool' => lambda do
    app = lambda do |env|
      env['rack.session.options'][:renew] = true if env['PATH_INFO'] == '/login'
      answer.call(env['rack.session'], env['PATH_INFO'], -> { env['rack.session'].destroy })
    end
    Rack::Session::Pool.new(app, options)
  end,
  'sinatra' => lambda do
    require 'sinatra/base'
    Class.new(Sinatra::Base) do
      set :sessions, options
      set :session_secret, SECRET
      set :protection, false
      get('/') { session[:visits] = 1; 'shop' }
      post('/login') { session.clear; session[:user] = 'ann'; response.set_cookie('remember', value: 'ann', path: '/', expires: Time.now + 1_209_600, httponly: true); redirect '/account' }
      get('/account') { session[:user] || 'nobody' }
      post('/logout') { session.clear; response.delete_cookie('remember', path: '/'); redirect '/' }
    end
  end,
  'rails' => lambda do
    require 'active_support/all'
    require 'active_support/messages/rotation_configuration'
    require 'action_controller'
    require 'action_dispatch/middleware/cookies'
    require 'action_dispatch/middleware/session/cookie_store'
    keys = ActiveSupport::CachingKeyGenerator.new(ActiveSupport::KeyGenerator.new(SECRET, iterations: 1000))
    app = lambda do |env|
      request = ActionDispatch::Request.new(env)
      path = env['PATH_INFO']
      request.reset_session if path == '/login'
      request.cookie_jar.permanent.signed['remember_token'] = { value: 'ann', httponly: true } if path == '/login'
      if path == '/logout'
        request.cookie_jar.delete('remember_token')
        request.reset_session
      end
      answer.call(request.session, path, -> {})
    end
    sessions = ActionDispatch::Session::CookieStore.new(app, { key: '_shop_session' }.merge(options))
    cookies = ActionDispatch::Cookies.new(sessions)
    lambda do |env|
      env.merge!(
        'action_dispatch.key_generator' => keys, 'action_dispatch.secret_key_base' => SECRET, 'action_dispatch.cookies_serializer' => :json,
        'action_dispatch.encrypted_cookie_salt' => 'encrypted cookie', 'action_dispatch.encrypted_signed_cookie_salt' => 'signed encrypted cookie',
        'action_dispatch.authenticated_encrypted_cookie_salt' => 'authenticated encrypted cookie', 'action_dispatch.signed_cookie_salt' => 'signed cookie',
        'action_dispatch.use_authenticated_cookie_encryption' => true, 'action_dispatch.cookies_same_site_protection' => ->(_) { :lax },
        'action_dispatch.cookies_rotations' => ActiveSupport::Messages::RotationConfiguration.new
      )
      cookies.call(env)
    end
  end
}
Rack::Handler::WEBrick.run(sites.fetch(framework).call, Host: '127.0.0.1', Port: ENV['PORT'].to_i, Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN), AccessLog: [])
