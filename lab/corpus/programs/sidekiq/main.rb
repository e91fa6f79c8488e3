require 'sidekiq'

Sidekiq.configure_client { |config| config.redis = { url: "redis://127.0.0.1:#{ENV['CORPUS_PORT']}/0" } }

class Mail
  include Sidekiq::Worker

  def perform(address); end
end

puts "id hex #{Mail.perform_async('ann@example.com')}"
puts "id hex #{Mail.perform_in(3600, 'ben@example.com')}"
