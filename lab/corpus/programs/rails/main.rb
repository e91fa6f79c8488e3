require 'action_controller'
require 'active_support/cache/redis_cache_store'
require 'action_dispatch/middleware/cookies'
require 'action_dispatch/middleware/session/cache_store'
require 'rack/mock'

url = "redis://127.0.0.1:#{ENV['CORPUS_PORT']}/0"
store = ActiveSupport::Cache::RedisCacheStore.new(url: url)
open_app = lambda do |seconds|
  inner = lambda do |env|
    request = ActionDispatch::Request.new(env)
    case env['PATH_INFO']
    when '/use' then request.session['visits'] = 1
    when '/logout' then request.session.destroy
    else request.session['user'] = env['PATH_INFO'].delete('/')
    end
    [200, {}, ['ok']]
  end
  sessions = ActionDispatch::Session::CacheStore.new(inner, cache: store, key: '_shop', expire_after: seconds)
  Rack::MockRequest.new(ActionDispatch::Cookies.new(sessions))
end

cookie = ->(answer) { (answer['Set-Cookie'] || '').split(';').first.to_s }
print_id = lambda do |answer|
  public_id = cookie.(answer).split('=').last
  puts "id hex #{public_id}", "id hex #{Rack::Session::SessionId.new(public_id).private_id.split('::').last}" if public_id
end
app = open_app.(1800)
ann = app.get('/ann')
print_id.(ann)
app.get('/use', 'HTTP_COOKIE' => cookie.(ann))
print_id.(app.get('/logout', 'HTTP_COOKIE' => cookie.(app.get('/ben'))))
open_app.(1).get('/eve')
store.write('front-page', '<p>Hello</p>', expires_in: 600)
store.increment('visits')
sleep 1.5
